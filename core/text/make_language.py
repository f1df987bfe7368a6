#!/usr/bin/env python3
"""Writes language_table.h: words and letter trigrams that speak for a language written in Latin letters.

The words and the sample sentences were written for this table. Usage: make_language.py > language_table.h"""
import collections
import re
import unicodedata

WORDS = {
"en": """the and of to in is it that was for on you with are this be have at not but they from or had by we can an my your so if what when which there
their would will all been has more about up out do me very just get got don't dont doesn't doesnt didn't didnt can't cant won't wont isn't isnt it's its
i'm im i've ive they're you're he she his her him them these those who how why where than then because could should after before other some any only
even still really great good bad love like nice best worst better never always every again please thanks thank awesome amazing terrible horrible
easy use used using work works working worked time need want make makes made app phone update fix new now too much many also back off over into
help keep keeps crash crashes slow fast user users service customer room staff stay stayed friendly breakfast clean night price money day days days'
week month year years ago bought buy product quality product's does did done going go went came come know think feel find found give gave take took
try tried trying say said see seen look looking way thing things something anything nothing everything one two people friend friends well though while
able enough few most last first next since until without around another own same here down no yes hello hi wish hope ever let lot lots u ur pls plz
wow cool fun super free login log sign password account email emails mail inbox message messages video videos game games screen button open load loading
excellent useful useless waste garbage annoying stupid sucks suck hate disappointed easy simple perfect wonderful fantastic convenient helpful
worked doing being having were weren't wasn't haven't hasn't i'd i'll you'll we're we've couldn't wouldn't shouldn't ain't y'all gonna wanna
am got lost card cards charge charged cancel cancelled order ordered refund refunded receive received receiving missing accept choose change changed
place sleep close quite heavy includes including partial important features feature true today tonight tomorrow yesterday wait waiting flight delayed
rude awful cry landed luggage bag bags late early hours hour minutes phone's old small large big light dark broken break breaks return returned battery
charger charging cable size fits fit color looks sound quality shipping package arrived arrive again everyone someone anyone nobody somewhere between
during above below whether either neither both each such rather almost already soon full free paid pay paying bill billing rate rates fee fees such
ask asked asking answer answered call called calling told tell speak spoke talk talked send sent write wrote read reading watch listen play playing
stop stopped start started starting turn turned move moved close closed show shows showing shown why wrong right left click clicked page website""",
"de": """der die und das den dem des ein eine einen einem einer eines ist sind war waren nicht auch auf für fuer mit von vom zu zum zur im ich du er sie es
wir ihr mich mir dich dir sich uns mein meine meinen meinem meiner sein seine ihre ihren unser unsere wie was wer wo wann warum wenn weil dass daß ob
aber oder denn doch nur noch schon sehr mehr immer nie wieder hier dort dann so als bei nach aus über ueber unter vor durch um bis ohne gegen kein keine
keinen keiner man kann können konnte muss müssen soll sollte wird werden wurde wurden hat haben hatte hätte hatten habe bin gibt geht ging gut gute guter
gutes super leider schlecht toll sehr ganz etwas alles alle viel viele wenig einfach schnell lange zeit jahre jahr tag tage woche preis leistung qualität
produkt lieferung bestellt gekauft kaufen passt passen würde wäre hätten danke bitte beim ins am diese dieser dieses diesen diesem jetzt nichts
zufrieden empfehlen empfehlung besser beste letzte erste zwei drei mal einmal nun funktioniert funktionieren klein groß gross größe wirklich damit daher
deshalb trotzdem jedoch allerdings natürlich richtig falsch buch hülle handy gerät kunde kundenservice anmelden anmeldung stürzt ab fehler seit lässt""",
"fr": """le la les un une des du de et est en que qui dans pour pas sur au aux avec ce cette ces il elle on nous vous ils elles je tu me te se mon ma mes ton
son sa ses notre nos votre vos leur leurs ne plus mais ou où donc car si comme quand tout tous toute toutes très bien sans par sont suis êtes été était
avoir ai as avons avez ont avait fait faire dit peut être même aussi alors encore toujours jamais rien trop peu beaucoup après avant depuis chez entre
c'est j'ai qu'il n'est d'un d'une l'on qu'on s'est n'ai j'étais n'a m'a l'a ça cela merci bonjour service prix assurance client clients contrat
satisfait satisfaite rapide rapidité simple clair facile recommande conseil conseillers conseiller téléphone mois ans année jour jours fois rapport qualité
bon bonne bons meilleur mauvais nul impossible problème problèmes sinistre voiture remboursement remboursements mutuelle tarif tarifs efficace accueil
écoute compétent parfait moment suite dossier réponse demande deux trois premier première personne rendez attente dommage malheureusement vraiment voilà
lire entre lignes contacter perte temps incendie vol agence suivi cas fuir incapable semble courrier mail sinistres responsable offre attention
arnaque honte véhicule moto santé dentaire optique garantie garanties prélèvement cotisation cotisations résiliation résilier payer paye argent euros
pourquoi parce quelque chaque autre autres moins cher chère chers niveau site ligne souscription assuré assurés assureur oui non""",
"es": """el la los las un una unos unas de del al y que en es no se por con para su sus lo le les me mi mis te tu nos como más pero muy ya todo toda todos
todas este esta estos estas ese esa eso esto está están estaba estamos son era fue fueron ser estar hay había tiene tienen tengo tener hacer hace hizo
puede pueden poder cuando donde porque si sin sobre entre hasta desde también nada algo cada otro otra otros mismo solo sólo siempre nunca bien mal bueno
buena buenos buenas mejor peor mucho mucha muchos muchas poco excelente habitación habitaciones hotel personal desayuno limpio limpia cama camas baño
ubicación precio servicio amable calidad noche noches días día gracias hola recepción perfecto bastante demasiado aunque además después antes
ni qué cómo cuál quién usted ustedes nosotros ellos ellas ella yo aplicación problema problemas dinero tiempo años año gente producto compra comprar
recomiendo recomendable encanta gusta gustó muchísimo estuvo pequeña pequeño grande agua desagradable trato cerca lejos centro ciudad piscina comida
gustaría hubiesen hubiera sistema fecha familia minutos difícil fácil manejar dejar deja registrarme musica variedad opciones volveré dar menos
estrella caso así posee agradable cómodo incómodo aseo ruido pagar pago cuenta tarjeta pedido envío llegar llegó llega teléfono móvil correo
mensajes contraseña descargar actualización actualizar sirve funciona necesito quiero espero ayuda gratis rápido lento caro barato vista atención""",
"it": """il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla dai in nel nella nei con su sul sulla per tra
fra e è che non si ma se come più anche sono sei siamo siete era erano essere stato stata ho hai ha abbiamo avete hanno avere fatto fare può posso
questo questa questi queste quello quella mi ti ci vi mio mia tuo suo sua loro molto tutto tutti tutta tutte poi quando dove perché perche chi cosa
sempre mai solo ancora già bene male buono buona ottimo ottima servizio prezzo cliente clienti grazie ciao purtroppo troppo dopo prima senza ogni
qualità veloce prodotto tempo anni anno giorno giorni problema problemi consiglio applicazione telefono arrivato dell' nell' all' c'è cioè quindi
però invece davvero bello bella comodo facile funziona nessuno niente""",
"pt": """o os a as um uma uns umas de do da dos das em no na nos nas ao à pelo pela por para com sem e que não nao é se mas como mais muito muita muitos
também tambem são foi era ser estar está estão estava tem têm ter tinha há eu você voce vocês ele ela eles elas meu minha seu sua seus nosso este esta
isso isto esse essa aquele quando onde porque já só ainda sempre nunca bem mal bom boa ótimo ótima melhor pior tudo todos todas nada serviço preço
cliente atendimento produto qualidade obrigado obrigada olá aplicativo aplicação problema problemas consigo consegui fazer faz pode posso depois antes
até sobre entre cada outro outra dia dias ano anos tempo dinheiro gostei recomendo funciona rápido fácil péssimo nem qual quem""",
"nl": """de het een en van ik je jij hij zij ze we wij jullie te dat die dit deze in is niet op aan met als voor er maar om dan ook bij nog uit naar over
door heeft hebben heb had was waren zijn ben bent wordt worden werd kan kunnen moet moeten zou wil willen zal mijn jouw uw haar hun ons onze geen
wel veel meer zeer erg goed goede slecht altijd nooit weer al alle alles iets niets hier daar waar wat wie hoe waarom omdat zonder tegen tot
tijdens na sinds prijs kwaliteit klant klanten klantenservice bestelling besteld geleverd levering snel dank bedankt hallo werkt werken jaar
dagen dag tijd keer echt gewoon heel toch nu toen zo product telefoon beter beste mooi fijn prettig helaas duidelijk geld gaat ging krijg""",
"pl": """i w na z do nie się sie jest że ze to o jak ale po co tak za od jego jej ich przez dla tylko już juz przy może moze być byc był była było były ma
mam mają są sa czy gdy bo więc bardzo też tez jeszcze kiedy gdzie ten ta te tego tej tym tych który która które ja ty on ona my wy oni mnie mi ci
sobie nic wszystko wszystkie zawsze nigdy dobry dobra dobre dobrze źle zły polecam dziękuję dzięki proszę cena jakość obsługa klienta produkt
aplikacja aplikacji działa działają problem problemy telefon czas lat rok dni dzień lub oraz bez przed pod nad między można trzeba chyba super""",
"sv": """och det att i en ett på är som för av inte med den de till har jag du han hon vi ni man om var men så kan ska skulle från eller när hur vad
mycket bra dålig dåligt mer mest bara också efter innan under över utan mot nu här där alla allt något någon inget ingen min mitt mina din ditt
sin sitt sina vår vårt deras blir blev bli vara varit hade haft får fick göra gör gjort går gick kom kommer mig dig sig oss dem tack hej pris kvalitet
kund kunder kundtjänst produkt produkten fungerar fungerade snabb snabbt beställde leverans år dag dagar tid gång gånger aldrig alltid väldigt rekommenderar""",
"tr": """ve bir bu da de için icin ile çok cok ama ne gibi daha var yok ben sen biz siz onlar o şu her en kadar sonra önce olarak olan oldu olduğu
olur değil degil mi mı mu mü ki ya hiç hic şey şeyler iyi kötü güzel guzel kotu tavsiye ederim ediyorum teşekkürler tesekkurler tesekkur lütfen
uygulama uygulaması ürün urun kargo fiyat kalite kaliteli hizmet müşteri çalışmıyor calismiyor çalışıyor telefon sürekli surekli neden nasıl
zaman gün yıl bana beni benim size sizin bunu buna bunun şimdi artık bile sadece hem veya ancak yani aldım aldim geldi yapıyor yapın lazım gerek
memnun kaldım berbat harika süper hata güncelleme güncellemeden açılmıyor olmuyor""",
}

SAMPLES = {
"en": """I have been using this for about three years and everything was working fine until the last update. Now it keeps closing whenever I open the
settings, and nobody seems to know what is happening. We stayed there for two nights; the staff were friendly, although the room was smaller than we
thought. My husband wanted something lighter which would also charge overnight. Shipping took longer than expected, they should have told us earlier. The
instructions were confusing and support only answered with the same sentence again. It would be great if you could bring back the old search.""",
"de": """Ich benutze das Gerät seit drei Jahren und bis zur letzten Aktualisierung hat alles gut funktioniert. Jetzt schließt sich das Programm ständig, wenn ich
die Einstellungen öffne, und niemand weiß, woran es liegt. Die Verarbeitung ist schlecht, nach wenigen Wochen ist der Verschluss gebrochen. Wir haben
zwei Nächte dort geschlafen, das Zimmer war kleiner als gedacht, aber die Mitarbeiter waren freundlich. Meine Frau wünscht sich etwas Leichteres. Die
Lieferung dauerte länger als angekündigt, man hätte uns früher Bescheid geben müssen. Schön wäre eine Möglichkeit, die alte Suche zurückzubekommen.""",
"fr": """J'utilise cette application depuis trois ans et tout fonctionnait bien jusqu'à la dernière mise à jour. Maintenant elle se ferme dès que j'ouvre les
réglages et personne ne sait pourquoi. Nous avons dormi deux nuits là-bas, la chambre était plus petite que prévu mais le personnel était aimable. Ma femme
voudrait quelque chose de plus léger. La livraison a pris plus longtemps qu'annoncé, on aurait dû nous prévenir. Les remboursements tardent toujours, il faut
relancer plusieurs fois et attendre au téléphone. Ce serait bien de retrouver l'ancienne recherche, ainsi que les échéances et les courriers.""",
"es": """Uso esta aplicación desde hace tres años y todo funcionaba bien hasta la última actualización. Ahora se cierra cuando abro los ajustes y nadie sabe qué
ocurre. Dormimos allí dos noches; la habitación era más pequeña de lo que pensábamos, pero los empleados fueron amables. Mi mujer quería algo más ligero.
El envío tardó más de lo anunciado y deberían habernos avisado. Las instrucciones son confusas y la respuesta siempre es la misma. Sería estupendo que
volviera la búsqueda antigua. El ascensor hacía ruido y el aire acondicionado no funcionaba.""",
"it": """Uso questa applicazione da tre anni e tutto funzionava bene fino all'ultimo aggiornamento. Adesso si chiude quando apro le impostazioni e nessuno sa perché
succede. Abbiamo dormito lì due notti, la camera era più piccola di quanto pensavamo ma il personale era gentile. Mia moglie voleva qualcosa di più leggero.
La consegna è durata più del previsto, avrebbero dovuto avvisarci. Le istruzioni sono confuse e la risposta è sempre uguale. Sarebbe bello riavere la vecchia
ricerca, magari anche gli ordini degli anni scorsi.""",
"pt": """Uso este aplicativo há três anos e tudo funcionava bem até a última atualização. Agora ele fecha quando abro as configurações e ninguém sabe o que
acontece. Dormimos lá duas noites; o quarto era menor do que pensávamos, mas os funcionários foram simpáticos. Minha mulher queria algo mais leve. A
entrega demorou mais do que o anunciado, deviam ter avisado. As instruções são confusas e a resposta é sempre a mesma. Seria ótimo ter de volta a
pesquisa antiga, não consigo encontrar as informações nem as reclamações.""",
"nl": """Ik gebruik deze app al drie jaar en alles werkte goed tot de laatste update. Nu sluit hij steeds als ik de instellingen open en niemand weet waarom. Wij
hebben daar twee nachten geslapen; de kamer was kleiner dan gedacht, maar het personeel was vriendelijk. Mijn vrouw wilde graag iets lichters. De
bezorging duurde langer dan aangekondigd, ze hadden ons moeten waarschuwen. De gebruiksaanwijzing is onduidelijk en het antwoord is altijd hetzelfde. Het zou
mooi zijn als de oude zoekfunctie terugkwam.""",
"pl": """Używam tej aplikacji od trzech lat i wszystko działało dobrze aż do ostatniej aktualizacji. Teraz zamyka się, gdy otwieram ustawienia, i nikt nie wie,
dlaczego. Spaliśmy tam dwie noce, pokój był mniejszy niż myśleliśmy, ale obsługa była miła. Moja żona chciała czegoś lżejszego. Przesyłka szła dłużej, niż
zapowiadano, powinni byli nas uprzedzić. Instrukcja jest niejasna, a odpowiedź zawsze taka sama. Byłoby świetnie, gdyby wróciło stare wyszukiwanie.""",
"sv": """Jag har använt appen i tre år och allt fungerade bra fram till den senaste uppdateringen. Nu stängs den så fort jag öppnar inställningarna och ingen vet
varför. Vi sov där två nätter; rummet var mindre än vi trodde men personalen var vänlig. Min fru ville ha något lättare. Leveransen tog längre tid än utlovat,
de borde ha sagt till oss. Bruksanvisningen är otydlig och svaret är alltid detsamma. Det vore fint om den gamla sökningen kom tillbaka.""",
"tr": """Bu uygulamayı üç yıldır kullanıyorum ve son güncellemeye kadar her şey iyi çalışıyordu. Şimdi ayarları açtığımda kapanıyor ve kimse nedenini bilmiyor.
Orada iki gece kaldık; oda düşündüğümüzden küçüktü ama çalışanlar güler yüzlüydü. Eşim daha hafif bir şey istiyordu. Teslimat söylenenden uzun sürdü, bize
haber vermeleri gerekirdi. Kullanım kılavuzu anlaşılmıyor ve cevap hep aynı. Eski aramanın geri gelmesi harika olurdu.""",
}
NAMES = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr"]
STRIPPED = {"fr", "es", "it", "pt", "pl", "tr"}  # often typed without accents


def plain(word):
    word = word.replace("ł", "l").replace("ı", "i")
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def lower(text):
    return text.replace("İ", "i").lower()


def fnv(data):
    value = 2166136261
    for byte in data:
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


words = collections.defaultdict(int)
for bit, name in enumerate(NAMES):
    for word in WORDS[name].split():
        words[word] |= 1 << bit
for bit, name in enumerate(NAMES):
    if name in STRIPPED:
        for word in WORDS[name].split():
            if len(plain(word)) >= 4 and plain(word) != word:
                words[plain(word)] |= 1 << bit

counts = []
for name in NAMES:
    seen = collections.Counter()
    text = lower(SAMPLES[name]) * 2 + " " + lower(WORDS[name])
    for word in re.findall(r"[^\W\d_]+", text):
        padded = " " + word + " "
        seen.update(padded[i:i + 3] for i in range(len(padded) - 2))
    counts.append(seen)
totals = [sum(seen.values()) for seen in counts]
trigrams = {}
for trigram in set().union(*counts):
    shares = [seen[trigram] / total for seen, total in zip(counts, totals)]
    everywhere = sum(shares)
    mask = 0
    for bit, share in enumerate(shares):
        if counts[bit][trigram] >= 3 and share > 0.4 * everywhere:
            mask |= 1 << bit
    if mask:
        trigrams[trigram] = mask

slots = 1
while 10 * slots < 13 * (len(words) + len(trigrams)):
    slots *= 2
entries = sorted(list(words.items()) + [("\t" + key, mask) for key, mask in trigrams.items()])
table = [0] * slots
pool = bytearray(b"\0")
starts, masks = [0], [0]
for key, mask in entries:
    data = key.encode()
    starts.append(len(pool))
    masks.append(mask)
    pool += data + b"\0"
    at = fnv(data) & (slots - 1)
    while table[at]:
        at = (at + 1) & (slots - 1)
    table[at] = len(starts) - 1


def numbers(name, kind, values):
    print(f"static const {kind} {name}[] = {{")
    line = "   "
    for value in values:
        if len(line) + len(str(value)) + 2 > 126:
            print(line)
            line = "   "
        line += f" {value},"
    print(line + "\n};")


print("/* Generated by make_language.py. Evidence for languages written in Latin letters: words, and trigrams of letters (with a tab")
print(" * before them; a blank stands for the border of a word). A mask has one bit a language, in the order of the names. */")
print("#ifndef EW_TEXT_LANGUAGE_TABLE_H\n#define EW_TEXT_LANGUAGE_TABLE_H\n\n#include <stdint.h>\n")
print(f"enum {{ LATIN_LANGUAGES = {len(NAMES)}, LANGUAGE_SLOTS = {slots} }};\n")
print("static const char latin_names[LATIN_LANGUAGES][3] = {" + ", ".join(f'"{n}"' for n in NAMES) + "};\n")
print("/* The keys, each closed by a NUL; key 0 is none. */")
print("static const char language_keys[] =\n    \"\\0\"")
line = ""
for key, _ in entries:
    quoted = ""
    for byte in key.encode():
        quoted += chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
    piece = quoted + "\\000"
    if len(line) + len(piece) > 118:
        print(f'    "{line}"')
        line = ""
    line += piece
print(f'    "{line}";\n')
numbers("language_starts", "uint16_t", starts)
numbers("language_masks", "uint16_t", masks)
print("/* Open addressing by FNV-1a of the key: numbers of keys. */")
numbers("language_slots", "uint16_t", table)
print("\n#endif")
