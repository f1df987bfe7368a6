"""What happens to a text between a head and an export: letters, slips of the finger, quoting, escaping."""
import datetime
import re

from grammar import expand, tidy

CARDS = ("4111 1111 1111 1111", "5555 5555 5555 4444", "4242424242424242", "3782 822463 10005")  # published test numbers
# Written out, since the names of strftime follow the machine's language.
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONATE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
UK_US = (("colour", "color"), ("favourite", "favorite"), ("flavour", "flavor"), ("litre", "liter"), ("mould", "mold"))
SHORTER = (("I am", "I'm"), ("it is", "it's"), ("do not", "don't"), ("does not", "doesn't"), ("cannot", "can't"),
           ("is not", "isn't"), ("have not", "haven't"), ("that is", "that's"), ("there is", "there's"))


def fill_facts(dice, lists):
    """The invented person behind one comment: numbers that masking must find and that no real person owns."""
    first, last = dice.pick(lists["person"]), dice.pick(lists["surname"])
    mail = f"{first}.{last}{dice.pick(['', str(dice.between(1, 99))])}@example.{dice.pick(['com', 'org', 'net'])}"
    phone = dice.pick([f"+44 1632 960{dice.between(100, 999)}", f"01632 960 {dice.between(100, 999)}",
                       f"(555) 555-01{dice.between(10, 99)}", f"555-01{dice.between(10, 99)}"])
    return {"first": first, "email": mail.lower(), "phone": phone, "card": dice.pick(CARDS),
            "order": dice.pick(["TW-", "TW", "#", ""]) + str(dice.between(100000, 999999))}


def synonyms(text, dice, table, share):
    """A word here and there gives way to another word for the same; names and shouted words stay."""
    def other(match):
        word = match.group()
        return dice.pick(table[word]) if word in table and dice.chance(share) else word
    return re.sub(r"[a-z]+", other, text)


def spelling(text, dice):
    if dice.chance(.3):
        for british, american in UK_US:
            text = text.replace(british, american)
    if dice.chance(.5):
        for long, short in SHORTER:
            text = re.sub(rf"\b{long}(?= [a-z])", short, text)      # not at an end: "there it is"
    return text


def slip(text, dice, share):
    """Typing errors: letters swapped, lost, doubled; apostrophes forgotten."""
    def wrong(match):
        word = match.group()
        if not dice.chance(share):
            return word
        at = dice.between(1, len(word) - 2)
        kind = dice.below(3)
        if kind == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2:]
        if kind == 1:
            return word[:at] + word[at + 1:]
        return word[:at] + word[at] + word[at:]
    return re.sub(r"\b[A-Za-z]{4,}\b", wrong, text)


def voice(text, dice, mood):
    """How this person types."""
    text = spelling(text, dice)
    if dice.chance(.10):
        text = slip(text, dice, .12)
    if dice.chance(.12):
        text = text.lower()
    elif mood < 0 and dice.chance(.03):
        text = text.upper()
    if dice.chance(.08):
        text = text.replace("'", "")
    if dice.chance(.10):
        text = text.rstrip(".")
    elif dice.chance(.06):
        text = text.rstrip(".") + dice.pick(["!", "!!", "!!!", "...", "??", " :(" if mood < 0 else " :)"])
    return text


def letter(body, dice, lists, parts, facts, ident_share=.3):
    """A ticket is a letter: greeting, matter, numbers, greeting, perhaps a signature."""
    lines, sep = [], dice.pick(["\n", "\n", "\n\n", " "])
    if dice.chance(.6):
        lines.append(tidy(expand(dice.pick(parts["greeting"]), dice, lists)) + dice.pick([",", ",", "", "!", "."]))
    if dice.chance(ident_share):
        # A card number is rare: only people who do not know better write one.
        idents = parts["ident"] if dice.chance(.06) else parts["ident"][:-1]
        put = tidy(expand(dice.pick(idents), dice, lists, facts))
        body = dice.pick([body + sep + put[0].upper() + put[1:] + ".", put[0].upper() + put[1:] + "." + sep + body])
    lines.append(body)
    if dice.chance(.45):
        lines.append(tidy(expand(dice.pick(parts["closing"]), dice, lists)) + dice.pick([",", ""]))
        if dice.chance(.4):
            lines.append(facts["first"])
    if dice.chance(.06):
        lines.append(expand(dice.pick(parts["signature"]), dice, lists, facts).replace("\\n", "\n"))
    return sep.join(lines)


def quote(text, time, dice, lists, parts):
    """An answer drags the mail it answers behind it, one to four days older."""
    day = datetime.datetime.fromisoformat(time) - datetime.timedelta(dice.between(1, 4))
    facts = {"us_day": f"{DAYS[day.weekday()]}, {MONTHS[day.month - 1]} {day.day}, {day.year}",
             "time": f"{(day.hour + 11) % 12 + 1}:{day.minute:02d} {'PM' if day.hour > 11 else 'AM'}",
             "de_day": f"{day.day}. {MONATE[day.month - 1]} {day.year}", "care": "((care))"}
    old = expand(dice.pick(parts["quote"]), dice, lists, facts).replace("((care))", "<care@tarrowick.example>")
    return text + "\n\n" + old.replace("\\n", "\n")


def escape(text, dice):
    """Exports that went through a web form keep its entities."""
    for plain, code in (("&", "&amp;"), ("'", "&#39;"), ('"', "&quot;")):
        text = text.replace(plain, code)
    return text.replace("\n", "<br>" if dice.chance(.5) else "\n")
