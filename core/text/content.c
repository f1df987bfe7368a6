/* Words that carry no subject: a small open list, plain and sorted by byte (a test checks the order), to be mended by hand. */
#include <pthread.h>
#include <string.h>

#include "points.h"

#define LONGEST 24

/* English, with the commonest of German, French and Spanish; lower case, without accents */
static const char *const fillers[] = {
    "a", "abend", "aber", "able", "about", "above", "absolut", "absolutely", "abysmal", "actually", "adios", "adorable",
    "adore", "after", "afternoon", "again", "against", "agreable", "ah", "aha", "ahh", "ai", "aime", "ain", "al", "algo",
    "alguien", "alguna", "alguno", "all", "alle", "allen", "aller", "alles", "almost", "alors", "already", "alright", "als",
    "also", "although", "always", "am", "amazing", "amazingly", "amo", "an", "and", "angry", "annoyed", "annoying", "another",
    "ante", "any", "anybody", "anyone", "anything", "anyway", "appalling", "apres", "aquel", "aquella", "are", "aren",
    "aren't", "arent", "as", "asap", "asco", "assez", "at", "atrocious", "au", "auch", "aucun", "aucune", "auf", "aun",
    "aunque", "aus", "ausgezeichnet", "aussi", "autre", "autres", "aux", "avaient", "avait", "avant", "avec", "avez", "avoir",
    "avons", "awesome", "awful", "awfully", "bad", "badly", "bajo", "basically", "basura", "be", "beaucoup", "beautiful",
    "because", "been", "before", "begeistert", "bei", "beim", "being", "below", "besser", "best", "beste", "bestens",
    "bester", "better", "between", "bien", "bin", "bis", "bist", "bit", "bitte", "bloody", "bon", "bonjour", "bonne",
    "bonnes", "bons", "bonsoir", "bored", "boring", "both", "bravo", "bref", "brilliant", "bro", "btw", "buen", "buena",
    "buenas", "bueno", "buenos", "but", "by", "bye", "bzw", "c'", "c'est", "ca", "came", "can", "can't", "cannot", "cant",
    "catastrophe", "catastrophique", "cause", "ce", "ceci", "cela", "ces", "cest", "cet", "cette", "chaque", "cheers", "chez",
    "claro", "combien", "come", "comes", "comme", "comment", "como", "completely", "con", "congrats", "congratulations",
    "conseille", "content", "contenta", "contente", "contento", "contra", "contre", "cool", "cordialement", "coucou", "could",
    "couldn", "couldn't", "couldnt", "crap", "crappy", "crazy", "cual", "cuales", "cuando", "cuanta", "cuanto", "cute", "cuz",
    "d", "d'accord", "da", "dabei", "dafur", "damit", "damn", "dank", "danke", "dankeschon", "dann", "dans", "darf", "das",
    "dass", "davon", "dazu", "de", "dear", "decent", "decepcion", "decepcionado", "decepcionante", "decevant", "decevante",
    "decir", "decu", "decue", "definitely", "dein", "deine", "deja", "del", "delighted", "dem", "demasiado", "den", "denn",
    "depuis", "der", "des", "desde", "dias", "dice", "dich", "did", "didn", "didn't", "didnt", "die", "diese", "diesem",
    "diesen", "dieser", "dieses", "dir", "dire", "disappoint", "disappointed", "disappointing", "disappointment", "disaster",
    "disgusted", "disgusting", "dit", "do", "doch", "does", "doesn", "doesn't", "doesnt", "doing", "dommage", "don", "don't",
    "donc", "donde", "done", "dont", "dope", "dort", "down", "dreadful", "du", "dude", "duh", "dumb", "durante", "durch",
    "during", "e", "each", "echt", "eg", "ein", "eine", "einem", "einen", "einer", "eines", "einfach", "either", "el", "ella",
    "ellas", "elle", "elles", "ello", "ellos", "else", "empfehlen", "empfehlenswert", "empfehlung", "en", "encanta", "encore",
    "enjoy", "enjoyed", "enjoying", "entre", "enttauschend", "enttauscht", "er", "era", "eran", "es", "esa", "esas", "ese",
    "eso", "esos", "est", "esta", "estaba", "estaban", "estan", "estar", "estas", "este", "esto", "estos", "estoy",
    "estupendo", "et", "etaient", "etait", "etc", "ete", "etes", "etre", "etwas", "euch", "euer", "eure", "even", "evening",
    "ever", "every", "everybody", "everyone", "everything", "ew", "eww", "excelente", "excelentes", "excellent", "excellente",
    "excellently", "exceptional", "exceptionally", "extremely", "fabulous", "fact", "faire", "fais", "fait", "fantastic",
    "fantastica", "fantastico", "far", "fav", "fave", "favor", "favorite", "favourite", "feel", "feliz", "few", "fine",
    "first", "five", "folks", "font", "for", "formidable", "four", "freaking", "frechheit", "freundlich", "freundlichen",
    "frickin", "from", "frustrated", "frustrating", "frustration", "fuck", "fucked", "fucking", "fue", "fuer", "fueron",
    "fun", "funny", "fur", "furchtbar", "fyi", "ganz", "gar", "garbage", "gave", "gegen", "geht", "gemacht", "generally",
    "genial", "geniale", "gern", "gerne", "get", "gets", "getting", "gewesen", "gibt", "ging", "give", "given", "gives",
    "glad", "globalement", "go", "god", "goes", "going", "gone", "gonna", "good", "goodbye", "goodday", "goood", "gorgeous",
    "gosh", "got", "gotta", "gotten", "gr8", "gracias", "grateful", "great", "greatest", "greetings", "grossartig", "gruesse",
    "gruss", "grusse", "gud", "gusta", "gusto", "gut", "gute", "guten", "guter", "gutes", "guy", "guys", "ha", "habe",
    "haben", "haber", "habia", "hace", "hacer", "hacia", "had", "hadn", "hadn't", "hadnt", "hah", "haha", "hahaha", "hallo",
    "han", "happier", "happy", "has", "hasn", "hasn't", "hasnt", "hasta", "hate", "hated", "hates", "hating", "hatte",
    "hatten", "have", "haven", "haven't", "havent", "having", "hay", "he", "he's", "hecho", "heck", "hehe", "hell", "hello",
    "hemos", "her", "here", "hers", "hervorragend", "hey", "heya", "hi", "hier", "highly", "hihi", "him", "his", "hiya", "hm",
    "hmm", "hola", "honestly", "honte", "honteux", "horrible", "horribly", "horrific", "how", "however", "hundred", "hyper",
    "i", "i'd", "i'll", "i'm", "i've", "ich", "id", "idk", "ie", "if", "ihm", "ihn", "ihnen", "ihr", "ihre", "ihrem", "ihren",
    "ihrer", "il", "ils", "ily", "im", "imho", "immer", "imo", "impressed", "impressive", "in", "inadmissible", "incredible",
    "increible", "insane", "into", "ir", "is", "isn", "isn't", "isnt", "ist", "it", "it's", "its", "itself", "ive", "j",
    "j'ai", "ja", "jai", "jamais", "je", "jede", "jeder", "jedes", "jesus", "joke", "jusque", "just", "k", "kann",
    "katastrophe", "keep", "kein", "keine", "keinen", "keiner", "kind", "kinda", "kk", "klasse", "know", "knows", "kommt",
    "konnen", "konnte", "kudos", "l", "la", "lacherlich", "lame", "las", "lastima", "le", "least", "leider", "les", "less",
    "let", "let's", "lets", "leur", "leurs", "lg", "lieb", "liebe", "lieben", "lieber", "like", "liked", "likes", "literally",
    "little", "ll", "lmao", "lo", "lol", "look", "looks", "los", "lot", "lots", "lov", "love", "loved", "lovely", "loves",
    "loving", "lui", "luv", "m", "ma", "machen", "macht", "mad", "madam", "madame", "made", "magnificent", "magnifique",
    "mais", "make", "makes", "making", "mal", "mala", "malas", "malheureusement", "malo", "malos", "many", "maravillosa",
    "maravilloso", "marvellous", "marvelous", "mas", "mauvais", "mauvaise", "may", "maybe", "me", "mediocre", "meh", "mehr",
    "meilleur", "meilleure", "meilleurs", "mein", "meine", "meinem", "meinen", "meiner", "mejor", "mejores", "meme", "menos",
    "merci", "merde", "mess", "mfg", "mi", "mich", "mierda", "mies", "might", "mine", "mir", "mis", "misma", "mismo", "mit",
    "mm", "mmm", "mochte", "moin", "moins", "mon", "monsieur", "more", "morgen", "morning", "most", "mr", "mrs", "ms", "much",
    "mucha", "muchas", "mucho", "muchos", "muss", "mussen", "must", "mustn", "muy", "my", "myself", "n", "nach", "nada",
    "nadie", "nah", "nasty", "ne", "nearly", "neat", "need", "needn", "negative", "nein", "neither", "nett", "never", "ni",
    "nic", "nice", "nicely", "nicht", "nichts", "nie", "niemals", "night", "nightmare", "ninguna", "ninguno", "no", "nobody",
    "noch", "noches", "noice", "non", "none", "nope", "nor", "nos", "nosotros", "not", "nothing", "notre", "nous", "now",
    "nuestra", "nuestro", "nul", "nulle", "nunca", "nur", "o", "ob", "oder", "of", "off", "often", "oh", "ohh", "ohne", "ok",
    "okay", "okey", "okk", "omfg", "omg", "on", "once", "one", "ones", "only", "ont", "onto", "ooh", "oops", "or", "other",
    "others", "otra", "otras", "otro", "otros", "ou", "ouch", "ought", "oui", "our", "ours", "ourselves", "out",
    "outstanding", "over", "overall", "par", "para", "parfait", "parfaite", "parfois", "pas", "pathetic", "pendant", "peor",
    "peores", "per", "percent", "perfect", "perfecta", "perfectly", "perfecto", "perfekt", "perhaps", "pero", "pesima",
    "pesimo", "peu", "peut", "peux", "phenomenal", "pire", "please", "pleased", "pls", "plz", "plzz", "poca", "poco", "pocos",
    "poder", "poor", "poorly", "por", "porfavor", "porque", "positive", "pour", "pourquoi", "pouvez", "pouvoir", "pretty",
    "prima", "probably", "puede", "pueden", "puedo", "pues", "puis", "put", "putain", "qu", "quand", "que", "quel", "quelle",
    "quelles", "quelque", "quelques", "quels", "qui", "quien", "quienes", "quite", "quizas", "quoi", "rather", "ravi",
    "ravie", "really", "realmente", "recomendable", "recomendado", "recomendar", "recomiendo", "recommande", "recommander",
    "recommend", "recommendation", "recommended", "recommends", "regards", "remarkable", "ridiculous", "rien", "right", "rip",
    "rofl", "rubbish", "s", "sa", "sad", "sadly", "said", "saludos", "salut", "same", "sans", "satisfait", "satisfaite",
    "satisfaits", "satisfecha", "satisfecho", "satisfied", "saw", "say", "says", "scandaleux", "schade", "scheiss",
    "scheisse", "schlecht", "schlechte", "schlechter", "schlimm", "schoen", "schon", "schrecklich", "se", "see", "seen",
    "segun", "sehr", "sein", "seine", "seinen", "seit", "ser", "seriously", "servus", "ses", "shall", "shame", "shameful",
    "she", "she's", "shit", "shitty", "should", "shouldn", "shouldn't", "shouldnt", "si", "sich", "sido", "sie", "siempre",
    "simplement", "simply", "sin", "since", "sincerely", "sind", "sino", "sir", "smh", "so", "sobre", "solid", "soll",
    "sollte", "solo", "some", "somebody", "someone", "something", "sometimes", "sommes", "sondern", "sont", "sorry", "sort",
    "sorta", "sous", "souvent", "sowie", "soy", "spitze", "splendid", "star", "stars", "stellar", "still", "stp", "stuff",
    "stupid", "su", "such", "suck", "sucked", "sucks", "sucky", "suis", "super", "superb", "superior", "sur", "sure", "sus",
    "svp", "sweet", "t", "ta", "tag", "take", "takes", "tambien", "tampoco", "tan", "tanto", "tardes", "tbh", "te", "tell",
    "ten", "tener", "tengo", "terrible", "terribly", "terrific", "tes", "than", "thank", "thankful", "thanks", "thankyou",
    "that", "the", "their", "theirs", "them", "then", "there", "these", "they", "they're", "they've", "thing", "things",
    "think", "thinks", "this", "those", "though", "thought", "three", "through", "thumb", "thumbs", "thx", "ti", "tiene",
    "tienen", "till", "time", "tnx", "to", "toda", "todas", "today", "todo", "todos", "toll", "tomorrow", "too", "took",
    "total", "totally", "toujours", "tous", "tout", "toute", "toutes", "toward", "towards", "tras", "tremendous", "tres",
    "tried", "trop", "truly", "try", "tschuss", "tu", "tus", "twice", "two", "ty", "tysm", "u", "uber", "ueber", "ugh",
    "ugly", "uh", "uhh", "um", "umm", "un", "una", "unacceptable", "unas", "unbelievable", "und", "under", "une",
    "unfortunately", "unhappy", "unos", "unreal", "uns", "unser", "unsere", "unseren", "unter", "until", "unverschamt",
    "unzufrieden", "up", "upon", "upset", "ur", "us", "use", "used", "useless", "using", "usted", "ustedes", "usually", "va",
    "vais", "van", "ve", "verguenza", "vers", "very", "via", "viel", "viele", "vielen", "voila", "vom", "von", "vont", "vor",
    "vos", "votre", "vous", "voy", "vraiment", "wann", "wanna", "want", "wants", "waren", "warum", "was", "wasn", "wasn't",
    "wasnt", "way", "we", "we'll", "we're", "we've", "wegen", "weil", "welche", "welcher", "welches", "welcome", "well",
    "wenig", "weniger", "wenn", "went", "wer", "werden", "were", "weren", "weren't", "werent", "weshalb", "what", "what's",
    "whats", "when", "where", "which", "while", "who", "who's", "whoa", "whole", "whom", "whose", "why", "wie", "wieso",
    "will", "wir", "wird", "wirklich", "with", "within", "without", "wo", "woah", "wollen", "wollte", "won't", "wonderful",
    "wonderfully", "wont", "worse", "worst", "worthless", "would", "wouldn", "wouldn't", "wouldnt", "wow", "wtf", "wth",
    "wunderbar", "wurde", "wurden", "xo", "xoxo", "xx", "xxx", "y", "ya", "yay", "yea", "yeah", "yep", "yes", "yesterday",
    "yet", "yikes", "yo", "you", "you'll", "you're", "you've", "your", "yours", "yourself", "yummy", "yup", "zero", "zu",
    "zufrieden", "zum", "zur", "zwischen",
};

enum { FILLERS = sizeof fillers / sizeof *fillers, SLOTS = 4096 };
_Static_assert(FILLERS <= SLOTS / 2, "slots enough");
static uint16_t slots[SLOTS]; /* 1 + which of them; 0: none */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint32_t slot_of(const char *word, size_t n) {
    uint64_t first = 0, last = 0;
    memcpy(&first, word, n < 8 ? n : 8);
    if (n > 8) memcpy(&last, word + n - 8, 8);
    return (uint32_t)(((first ^ last * 31) * UINT64_C(0x9e3779b97f4a7c15)) >> 52);
}

static void fill_slots(void) {
    for (uint16_t i = 0; i < FILLERS; i++) {
        uint32_t slot = slot_of(fillers[i], strlen(fillers[i]));
        while (slots[slot]) slot = (slot + 1) % SLOTS;
        slots[slot] = (uint16_t)(i + 1);
    }
}

static int listed(const char *word) {
    pthread_once(&once, fill_slots);
    for (uint32_t slot = slot_of(word, strlen(word)); slots[slot]; slot = (slot + 1) % SLOTS)
        if (strcmp(word, fillers[slots[slot] - 1]) == 0) return 1;
    return 0;
}

/* Cuts runs of three or more of one letter to `keep`: "sooo", "looove", "goood". Returns whether there were any. */
static int shorten(const char *word, size_t keep, char *out) {
    int cut = 0;
    size_t run = 0, total = 0;
    for (size_t i = 0; word[i]; i += run) {
        for (run = 1; word[i + run] == word[i];) run++;
        size_t take = run >= 3 ? keep : run;
        cut |= run >= 3;
        for (size_t k = 0; k < take; k++) out[total++] = word[i];
    }
    out[total] = 0;
    return cut;
}

int ew_text_is_filler(const char *word, size_t n) {
    char plain[LONGEST + 1], shorter[LONGEST + 1];
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        /* a letter again and again is three of it */
        if (i >= 3 && word[i] && word[i] == word[i - 1] && word[i] == word[i - 2] && word[i] == word[i - 3]) continue;
        if (length == LONGEST) return 0;
        if (n - i >= 3 && memcmp(word + i, "\xe2\x80\x99", 3) == 0) { /* the curly apostrophe */
            plain[length++] = '\'';
            i += 2;
        } else if (!word[i]) {
            return 0;
        } else {
            plain[length++] = word[i];
        }
    }
    plain[length] = 0;
    if (!length) return 0;
    if (listed(plain)) return 1;
    if (!shorten(plain, 2, shorter)) return 0;
    if (listed(shorter)) return 1;
    shorten(plain, 1, shorter);
    return listed(shorter);
}
