"""The page: a Gradio app that asks the knowledge base and shows its sources. The only package that imports gradio.

    strings ── dates ───┐
    markup ─── places ──┴─ messages panel ── chat ──┐
    door                                    desk ───┴── page ── app

Everything up to `messages` and `panel` is pure: records in, escaped HTML out. `desk` holds the open base. `page` lays things out
and ties events to `chat`; `app` mounts the page behind its headers, host and origin checks.
"""
