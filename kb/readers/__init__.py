"""One small module per format, each with `read(data: bytes, charset: str = "") -> Draft`; `kb.reading` picks the module.

A reader removes mark-up and keeps words and figures: whatever stands in a fragment stands in the file, but for white space.
It raises `ArticleError` with a reason a person understands; the reason names no file, the caller knows which it gave.
"""
