"""Small word lists of English that tell what the words of a question are. Lower case; plain judgement, no statistics."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a list written as text."""
    return frozenset(text.split())


# what one asks about any occupation, employer or course: a question made of these alone needs a subject
ATTRIBUTES = words("""
salary salaries pay paid pays wage wages earn earns earning earnings income compensation bonus bonuses benefits perks
pension hours hour schedule shifts shift overtime workload holidays vacation training education degree degrees diploma
qualification qualifications certificate certificates certification certifications licence license requirement
requirements required require needed need necessary skills skill tools tool software duties duty responsibilities tasks
task role job jobs career careers outlook demand prospects prospect future growth progression promotion competition
competitive stress stressful hard difficult easy tough fun boring dangerous risky risks risk good bad worth worthwhile
work working works day days typical average median starting start started begin beginning mean cost costs price fee fees
expensive cheap long take takes took age limit limits exam exams test tests experience physical physically remote remotely
travel downsides downside upsides upside disadvantages disadvantage advantages advantage drawbacks pros cons example
examples apply application process steps step path entry interview interviews question questions portfolio main best
better worst most important common first next alternatives difference differences usual normal current latest minimum
maximum highest lowest years year months weeks time duration responsible many realistic decide decides happen happens come
comes stay live
""")  # fmt: skip

# plain verbs, which end a noun phrase to their right
VERBS = words("""
be being been become becomes becoming get gets getting got hire hires hired hiring pay pays paid replace replaces recruit
recruits do does did done doing make makes made take takes took find finds choose choosing learn learns study studying
train trains write writes writing work works working ask asks answer answers tell tells teach earn earns employ employs
employing attract want wants need needs use uses help helps look looks give gives keep keeps leave leaves leaving move
moves moving switch switching start starts prepare prepares prepared negotiate negotiating apply applies applying say says
show shows mean means cost costs go goes going join joins quit accept reject refuse compare compares compared pass passes
fail fails handle handles deal dealing improve expect expects avoid avoids put include includes contain contains prescribe
prescribes cut cuts act decide decides think thinks feel feels know knows see sees read reads reading call called live
lives stay stays meet meets talk talks speak speaks grow have has had can could will would should may might must shall is
are was were am pick increase reduce change changes check checks follow build builds building create creates run runs sell
sells buy buys win lose design's retire retires travel travels explain like likes enjoy enter enters reach offer offers
require requires supervise supervises carry carries spend spends promoted trained taxed protected based located taught
treated try tries trying
""")  # fmt: skip

# adjectives that never belong to the name of a thing asked about
ADJECTIVES = words("""
good best better bad worst worse typical average median common usual normal main important new young old older many most
more less few some any other another own real right wrong great nice first second third last next top high higher highest
low lower lowest big bigger large larger small hard harder easy easier difficult long longer short shorter fast quick slow
strong weak ordinary newly qualified fully vs v versus btw current former future aspiring experienced successful different same
certain particular possible likely best-paid paid
worth
""")  # fmt: skip

LEVELS = words("""
senior seniors junior juniors entry-level mid-level mid-career graduate graduates beginner beginners intern interns
trainee trainees apprentice apprentices staff principal lead experienced newcomers starters
""")  # fmt: skip

# occupations' nouns that say little without the word before them
GENERIC_ROLES = words("""
engineer manager designer developer analyst scientist architect administrator agent officer operator driver worker assistant
technician guide trainer captain controller consultant specialist director researcher programmer inspector instructor attendant
supervisor coordinator representative adviser advisor planner buyer clerk editor producer lead head tester maker keeper
""")  # fmt: skip

RANKS = words("senior junior entry-level mid-level mid-career staff principal lead experienced")  # levels that only qualify

# occupations whose ending does not give them away
ROLE_WORDS = words("""
nurse nurses chef chefs cook cooks coach coaches pilot pilots clerk clerks judge judges vet vets attorney attorneys
surgeon surgeons physician physicians midwife midwives paralegal paralegals mechanic mechanics athlete athletes architect
architects analyst analysts entrepreneur entrepreneurs secretary secretaries soldier soldiers guard guards model models
author authors poet poets magistrate magistrates academic academics postdoc postdocs actuary actuaries accountant
accountants consultant consultants assistant assistants attendant attendants agent agents correspondent correspondents
president student students au-pair hostess stewardess swe sre pm dba ceo cto cfo gp gps representative representatives
executive executives associate associates technician librarian sommelier barista baristas dean sergeant lieutenant
detective detectives
therapist freelancer freelancers
""")  # fmt: skip

# words that end like an occupation and are none, and people who are never what the question is about
NOT_ROLES = words("""
career careers letter letters paper papers cover computer computers number numbers order orders offer offers answer answers
counteroffer counteroffers power water summer winter quarter quarters chapter chapters semester newsletter never other others
better higher lower rather whether either senior seniors junior juniors prior sector sectors factor factors error errors major
majors minor minors favor labor color behavior interior exterior monitor door floor poor for or nor her per over under after
later ever however together former latter proper larger smaller longer shorter easier harder faster earlier older younger
greater fewer closer stronger another further consider remember december november october september user users customer
customers folder printer server servers router transfer transfers barrier border center member members matter matters buffer
corner danger dinner gender layer lever liter meter peer peers river shoulder silver sister brother father mother super tender
theater tower trigger weather wonder enter prefer refer differ suffer discover deliver recover register filter master masters
bachelor bachelors employer employers recruiter recruiters interviewer interviewers list lists exist assist resist insist
consist twist mist waitlist checklist shortlist wishlist asian indian italian canadian australian russian norwegian brazilian
egyptian counter newer cheaper safer bigger slower riskier richer wiser smarter cancer fever laser poster cluster disaster
character insider outsider year founder-led ladder tier volunteer-led reader-friendly chair hair labour humour favour harbour
four hour hours tour your our cyber median civilian meridian fiber timer calculator indicator simulator generator elevator
behaviour trimester career-changer buyer-side newcomer newcomers beginner beginners starter starters latecomer latecomers
dropper whatever neither bother whenever wherever forever beer beers sooner finger fingers gather shower clever cleverer flower
flowers anger laughter cheer mirror inner upper newspaper newspapers outer surrender deeper undercover superior butter liquor
prayer powder motor helicopter helicopters poker eager rubber happier shelter manner manners rumor rumour horror soccer locker
leather terror chamber hammer wander chatter nicer conquer encounter thunder alter trailer whisper perimeter quicker lighter
supper deer utter sheer steer copper farther shutter slaughter temper chopper drawer wrist tougher prettier cooler tumor tumour
flatter ginger underwater pepper razor sweater meteor dagger reactor feather sensor sensors taller whichever flavor flavour
lesser container containers burger harbor corridor lobster louder reconsider sewer waist simpler altogether weaker darker
uncover bumper heavier warmer disorder disorders inferior charter finer clearer refrigerator marker caliber calibre amen wider
whatsoever tighter colder endanger frontier freezer hamburger gutter litter boiler detector outdoor metaphor sinister heist
plaster reindeer bladder recorder crazier scanner iranian persian hawaiian hungarian austrian shatter decipher leftover merger
mergers scatter hoist sever sticker stickers rooster jumper victorian maneuver sweeter nearer linger manpower cruiser crater
indoor slumber remainder vector revolver muster toaster cracker scooter softer heater buzzer freighter hangover lumber funnier
coaster roman armenian glitter premier firepower gunpowder smother hamster booster alligator serbian flyer flyers dryer
typewriter enlist splinter dumber hover palestinian weirder healthier barbarian saucer moist quieter thinner timber slander
cater oyster improper accelerator romanian cylinder confer savor abdomen wither inhuman zipper ulterior takeover cucumber manor
odor odour endeavor endeavour outnumber scarier cuter wallpaper lavender stretcher braver pager canister shiver kosher amber
radiator sicilian persist glacier anterior ledger hinder diameter screwdriver cipher conditioner slender kinder overpower
ponder horsepower parisian sharper uglier tamper peruvian defer siberian omen sleepover luckier albanian simmer rudder
projector sadder barter rigor rigour fatter badger washer broader sicker platter fairer arabian deter boulder venetian panther
propeller valor tether shudder easter greener kilometer kilometre millimeter fender clover pester nigerian steamer sunflower
ulcer smoother slipper prosper viper sliver thermometer tenor moreover ether flicker calmer toddler toddlers ventilator liner
freshwater hyper indonesian whiter hereafter mixer trouser blender ticker scandinavian sprinkler angrier chandelier processor
processors transgender turnover truer georgian bolivian hanger ethiopian lovelier polyester infer polymer rougher pacemaker
gentler human humans german germans ukrainian syrian colombian belgian mongolian prussian imposter impostor amphibian
amphibians teenager teenagers stranger strangers lover lovers loser losers daughter daughters granddaughter murder monster
monsters prisoner stepfather stepmother godfather grandfather grandmother man men woman women gentleman gentlemen swimmer
sleeper thinker learner learners smoker drinker loner neighbor neighbour neighbors neighbours hater lister twister blister
transistor resistor capacitor screener filler backer thriller bestseller cleanser spacer charger chargers adapter adaptor
routers compiler compilers parser header headers footer footers pointer pointers integer integers tensor tensors classifier
classifiers transformer transformers encoder encoders decoder decoders optimizer optimizers regularizer embedder tokenizer
vocoder autoencoder autoencoders
""")  # fmt: skip

IRREGULAR_PLURALS = {"midwife": "midwives", "man": "men", "woman": "women", "secretary": "secretaries", "actuary": "actuaries"}

# capitals that name no employer, person or product: an article may well say them in other words ("doctorate", "résumé")
COMMON_ABBREVIATIONS = words("""
phd phds msc mscs bsc bscs ba bas ma mas mba mbas gcse gcses btec btecs nvq nvqs hnd hnds cv cvs hr it ai ml pr ui ux qa faq
faqs ceo cto cfo dba vp
""")  # fmt: skip

# capitals that name nobody and nothing one could miss: days, months, feasts, everyday abbreviations
NO_NAMES = words("""
monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday fridays saturday saturdays sunday sundays january
february march april may june july august september october november december christmas easter god english i i'm pc pcs id ids
tv tvs ok usb pdf pdfs asap am pm eur usd gbp chf
""")  # fmt: skip
