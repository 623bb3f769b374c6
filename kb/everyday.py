"""Questions of everyday life: what a base on careers is asked by mistake, to tell by meaning what lies outside.

A question that is nearer to one of these than to anything in the base is hardly for the base (kb.confidence, `everyday`). Their
vectors lie in each generation, in a file whose name tells this list from any other; an index without it is judged without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

QUESTIONS = tuple(
    """
where should I have lunch in Berlin
best pizza near me
how to cook rice
who is the president of Brazil
how tall is the Eiffel tower
what is the price of gold
which phone should I buy
how do I get rid of ants
when is the next full moon
how do I file my taxes
what should I name my cat
is it going to rain
how do I fix my bike chain
why is the sky blue
can dogs eat grapes
how many calories are in an egg
what's a good movie for tonight
how do I reset my router
my laptop won't turn on
why does my car make a squeaking noise
how long do I boil potatoes
what time does the supermarket close
which is the longest river in Africa
who wrote War and Peace
what year did the Titanic sink
how do I tie a tie
how much does a flight to Rome cost
how much is a music streaming subscription a month
what does the premium plan of this app cost
how much is a gym membership
is it safe to travel to Egypt
what is the best way to learn the guitar
how do I lose weight fast
what does a tooth extraction cost
should I get a mortgage now or wait
how do I open a bank account
what is a good birthday present for my wife
how do I get red wine out of a carpet
can I plant tomatoes in May
my neighbour's music is too loud, what can I do
how many people live in Japan
what's the difference between a crocodile and an alligator
who invented the telephone
how do vaccines work
what is the square root of 144
how do I convert miles to kilometres
translate good morning into Spanish
why do cats purr
how old is the universe
who sings Bohemian Rhapsody
what's the plot of Hamlet
which team won the league last season
how do I renew my passport
what documents do I need to rent a flat
how do I get a divorce
is my landlord allowed to raise the rent
is this apartment advert a fraud
my son is bullied at school
is this text message really from my bank
someone I met on a dating app asks me for money
how do I report a fake web shop
how do I change a flat tyre
how often should I water a cactus
what's the best mattress for back pain
do I need travel insurance
how do I delete my Instagram account
why is my wifi slow
how can I watch the football for free
what is the capital of Mongolia
how do I make sourdough bread
which wine goes with fish
is coffee bad for you
how do I get my baby to sleep
at what age do children start school
how much sleep do I need
why do I sneeze in the sun
what are the symptoms of flu
how do I stop smoking
which bus goes to the airport
how long is the drive from Madrid to Lisbon
when does summer time end
what should I wear to a wedding
how do I train a puppy
what is the fastest animal
how does a car engine work
what is inflation
should I invest in bitcoin
what are the rules of chess
how do I play poker
who is the richest person in the world
what is the meaning of life
does God exist
what is the best religion
who should I vote for
how do I file for bankruptcy
how do I clean an oven
why is my cake always flat
what can I cook with chicken and leeks
how do I grow a beard
which shampoo is good for dry hair
how do I remove a tick
is it legal to ride a bike on the pavement
how do I build a shed
how do I wire a plug
what colour should I paint my bedroom
how far away is the moon
who painted the Mona Lisa
how do I write a wedding speech
what is the weather like in Iceland in March
do you know a good joke
how do I unblock a sink
how do I win at Monopoly
what is the population of Lagos
where can I park in the city centre
when do the clocks change
how do I get to the castle from the station
can I return shoes without a receipt
my girlfriend left me, how do I get her back
how do I make friends in a new city
what is the best console for children
how do I take a screenshot
what are the lyrics of Yesterday
why did the Roman Empire fall
when was the French Revolution
what is photosynthesis
how do I solve a quadratic equation
what's the boiling point of water
""".strip().splitlines()
)
FILE = f"everyday-{hashlib.sha256(chr(10).join(QUESTIONS).encode()).hexdigest()[:8]}.npy"


def write_everyday(vectors: np.ndarray, folder: Path) -> None:
    """Write the vectors of QUESTIONS, (n, dim)."""
    np.save(folder / FILE, vectors.astype(np.float16), allow_pickle=False)


def open_everyday(folder: Path, files: Mapping[str, str]) -> np.ndarray | None:
    """The vectors of QUESTIONS, (n, dim) float32; None where the generation has none of them. Raises OSError or ValueError."""
    if FILE not in files:
        return None
    vectors: np.ndarray = np.load(folder / FILE, allow_pickle=False).astype(np.float32)
    return vectors
