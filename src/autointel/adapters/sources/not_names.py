"""Words that stand before a colon or in brackets and name nobody. A list of exceptions; evidence comes first."""

from __future__ import annotations

from typing import Final

# They head a paragraph or a list.
NOT_NAMES: Final = frozenset(
    "note notes warning example examples update summary tip tips ps answer remember translation source sources "
    "subject date time title transcript chapter chapters part step section http https mailto url link links disclaimer "
    "caution important hint today tomorrow yesterday first second third finally however question breaking news "
    "money trust cost costs price problem solution result results risk risks goal goals pros cons advantages "
    "disadvantages conclusion introduction background method methods ingredients instructions overview abstract "
    "breakfast lunch dinner monday tuesday wednesday thursday friday saturday sunday january february march april "
    "june july august september october november december where when who what why how fact facts rule reason reasons "
    "strengths weaknesses opportunities threats contents table figure image photo credit author authors editor "
    "published tags category categories keywords language duration length episode season website email phone address "
    "location place contact subscribe follow sponsor sponsors description timestamps from to cc re sent version "
    "copyright content-type content-location content-transfer-encoding mime-version lesson point idea option case "
    "thing things one two three four five".split()
)
# A head that holds one of these is a clause, in capitals or not: "THE BOARD SAID", "And here is the thing".
CLAUSE_WORDS: Final = frozenset(
    "is are was were be been am said says say asked asks told tells wrote writes adds added has have had does did do "
    "will would can could should must this that these those it its it's that's here's there's here there we you i he "
    "she they them us our your my his her their not no yes because but so if then than when where which who what why "
    "how with for about into in on at as قال وقال قالت وقالت אמר אמרה reads means goes".split()
)
# Sounds that captions put in brackets.
SOUNDS: Final = frozenset(
    "applause laughter laughs laugh laughing music musical cheers cheering cheer sighs sigh coughs cough crosstalk "
    "inaudible indiscernible unintelligible silence pause break commercial soundbite sound bite noise chuckles "
    "chuckle gasps crying sobs screams screaming shouting whispers whispering clapping clears throat bell rings "
    "ringing beep beeps bleep static foreign foreignlanguage speaking singing song theme intro outro end start "
    "recording video audio clip begin begins playback sic off-mic off-mike verse chorus bridge blank_audio blank "
    "door phone engine bark barks barking rire rires applaudissements musique musik gelächter applaus risas aplausos "
    "música".split()
)
