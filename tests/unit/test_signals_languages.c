/* signals in other languages than English: what asks, what only sounds so (negated, thanked for, told of the past, conditions of
 * use), what is missing, what people make do with. All sentences were written for this test. */
#include <string.h>

#include "../../core/needs/signals.h"
#include "leaks.h"

/* yes: desire means that the need reaches one half; other kinds, that the cue is shown. texts end with NULL. */
static void check(const char *lang, ew_cue_kind kind, int yes, const char *const *texts) {
    ew_signals *signals = NULL;
    ew_error err = {0};
    cr_assert_eq(ew_signals_create(NULL, &signals, &err), EW_OK, "%s", err.message);
    for (; *texts; texts++) {
        ew_sentence_signals got;
        uint32_t n = (uint32_t)strlen(*texts);
        cr_assert_eq(ew_signals_of(signals, *texts, n, 0, n, lang, &got, &err), EW_OK, "%s", err.message);
        int shown = kind == EW_CUE_DESIRE && (double)got.need >= .5;
        for (uint32_t i = 0; i < got.n_cues && kind != EW_CUE_DESIRE; i++) shown |= got.cues[i].kind == kind;
        cr_expect_eq(shown, yes, "%s, kind %d, need %.2f: '%s'", lang, kind, (double)got.need, *texts);
    }
    ew_signals_free(signals);
    assert_no_leaks();
}

Test(german, asks) {
    static const char *const texts[] = {
        "Ich würde gern vom Handy aus drucken.", "Es wäre schön, wenn sich der Deckel abnehmen ließe.",
        "Bitte einen dunklen Modus einbauen.", "Wenn es doch nur eine Größe mehr gäbe.",
        "Der Preis sollte auf dem Etikett stehen.", "Eine Warnung bei leerem Tank wäre hilfreich.",
        "Warum kann man nicht mit Karte zahlen?", "Mir fehlt ein Knopf zum Rückgängigmachen.",
        "Wir brauchen eine Möglichkeit, Rechnungen zu exportieren.",
        "Ich will doch nur ein Signal, bevor sie ausgeht.", "Ihr könntet wenigstens ein längeres Kabel beilegen.",
        "Wann gibt es eine Fassung auf Sorbisch?", "Hoffentlich wird das mit dem nächsten Update behoben.",
        "Baut bitte einen Griff dran.", "Ich möchte mein Geld zurück.", "Könnten Sie den Piepton leiser machen?",
        "Mit einem größeren Akku wäre sie perfekt.", "Nach Datum sortieren können, das wär's.",
        "Eine Anleitung auf Deutsch wäre wünschenswert.", "Man müsste die Uhrzeit einstellen können.",
        "Ich hätte mir einen waschbaren Filter gewünscht.", "Schade, dass man die Höhe nicht verstellen kann.",
        "Es bräuchte dringend eine Beleuchtung.", "Ich bitte um eine Rückerstattung.",
        "Ich fände es gut, wenn sich die App mein Passwort merken würde.",
        "Wäre es möglich, die Rechnung per Mail zu bekommen?", "Die Lieferung muss dringend besser werden.",
        "Ich bitte Sie, die Preise für Ersatzteile zu prüfen.",
        "Ein Lederriemen würde ihr gut stehen, bietet das doch mal an.",
        "Ich hätte erwartet, dass Batterien dabei sind.", "Hoffentlich gibt es bald Nachfüllpackungen.",
        "Was fehlt, ist eine Steckdose am Bett.", "Bitte nehmt die Stummtaste nicht weg.",
        "Man sollte Bescheid geben, wenn es später wird.", "Mein Vorschlag: andere Farbe für die Schrift.",
        "Wir könnten einen zweiten Aufzug gebrauchen.", "Wann wird die Suche endlich repariert?",
        "Ich brauche ein anderes Datum für meine Bestellung.",
        "Wenn ihr früher öffnen würdet, käme ich jeden Tag.", NULL
    };
    check("de", EW_CUE_DESIRE, 1, texts);
}

Test(german, does_not_ask) {
    static const char *const texts[] = {
        "Der Deckel lässt sich leicht abnehmen.", "Ich möchte diese App nicht missen.", "Es fehlt an nichts.",
        "Mehr brauche ich nicht.", "Danke, dass ihr den dunklen Modus eingebaut habt.",
        "Ich möchte mich beim ganzen Team bedanken.", "Wenn Sie drucken wollen, tippen Sie zweimal.",
        "Alles läuft, wie es sein sollte.", "Ich dachte, es wäre schlimmer, aber sie ist bequem.",
        "Meine Tochter wollte eine, da habe ich sie ihr geschenkt.", "Der Tank ist seit Montag undicht.",
        "Ich würde sie nicht noch einmal kaufen.", "Ich warte seit einer Woche auf das Paket.",
        "Besser könnte es nicht sein.", "Was will man mehr?", "Man muss den Knopf drei Sekunden drücken.",
        "Ich habe keine Vorschläge.", "Ich kann sie jedem empfehlen.", "Wenn der Tank leer ist, geht sie aus.",
        "Die Höhe war schon richtig eingestellt.",
        "Das Paket hätte am Dienstag kommen sollen und kam am Donnerstag.", "Wir hatten ein schönes Zimmer.",
        "Wir wurden freundlich empfangen.", "Sie musste lange warten und konnte nicht schlafen.",
        "Der Aufzug ist gleich neben dem Bett.", "Die Lieferung war schnell und der Preis in Ordnung.",
        "Endlich bekomme ich die Rechnung per Mail.", "Wir möchten der Dame am Empfang ganz herzlich danken.",
        "Die Rechnung brauche ich nicht mehr.", "Wenn Sie starken Kaffee mögen, ist das Ihre Maschine.",
        "Ich wüsste nicht, was ich ohne sie täte.", "Im März wurde die Farbe der Schrift geändert.",
        "Es war besser, als ich gehofft hatte.", "Mein Mann mag die andere lieber.", "Der Bildschirm bleibt schwarz.",
        "Von unserer Seite keine Klagen.", "Man könnte meinen, sie sei neu.",
        "So eine wollte ich schon immer haben.", "Mir wurde dieselbe Bestellung doppelt berechnet.", NULL
    };
    check("de", EW_CUE_DESIRE, 0, texts);
}

Test(german, misses) {
    static const char *const texts[] = {
        "Es gibt keinen Knopf zum Anhalten.", "Die Tasche hat keine Henkel.", "In der Küche fehlen Steckdosen.",
        "Ich finde die Option zum Drucken nicht.", "Die Höhe lässt sich nicht verstellen.",
        "Geliefert ohne deutsche Anleitung.", "Eine Beleuchtung ist nicht vorhanden.",
        "Man kann die Einstellungen nicht speichern.", "Den Kontostand sieht man nirgends.",
        "Ich vermisse eine Innentasche.", NULL
    };
    check("de", EW_CUE_ABSENCE, 1, texts);
}

Test(german, misses_nothing) {
    static const char *const texts[] = {
        "Es gibt keine Probleme.", "Es fehlt an nichts.", "Überall sind Knöpfe.", "Kein Zweifel, sie ist gut.",
        "Die Tasche hat Henkel.", "Ohne Probleme seit dem ersten Tag.", "Ich kann nicht klagen.", NULL
    };
    check("de", EW_CUE_ABSENCE, 0, texts);
}

Test(german, makes_do) {
    static const char *const texts[] = {
        "Ich spanne ein Gummiband drum, damit er zubleibt.", "Einstweilen nehme ich eine Taschenlampe.",
        "Deshalb schreibe ich alles in ein Heft.", "Ich behelfe mir mit Klebeband.", "Ich notiere alles von Hand.",
        "Am Ende habe ich eine andere Hülle gekauft.", "Stattdessen nutze ich eine Tabelle.",
        "Von jeder Rechnung mache ich einen Screenshot.",
        "Ich lege ein Stück Papier darunter, damit sie nicht wackelt.", NULL
    };
    check("de", EW_CUE_WORKAROUND, 1, texts);
}

Test(german, only_uses) {
    static const char *const texts[] = {
        "Die Hülle ist aus Stoff.", "Ich nutze die Lampe jeden Tag.", "Ich decke um acht den Tisch.",
        "Für meine Schwester habe ich eine andere Hülle gekauft.", "Der Preis steht auf der Hülle.", NULL
    };
    check("de", EW_CUE_WORKAROUND, 0, texts);
}

Test(spanish, asks) {
    static const char *const texts[] = {
        "Me gustaría poder imprimir desde el móvil.", "Estaría bien que la tapa se pudiera quitar.",
        "Por favor, añadan un modo oscuro.", "Ojalá hubiera una talla más.",
        "Deberían poner el precio en la etiqueta.", "Sería de gran ayuda un aviso cuando se vacía el depósito.",
        "¿Por qué no se puede pagar con tarjeta?", "Echo en falta un botón para deshacer, pónganlo cuanto antes.",
        "Necesitamos una forma de exportar las facturas.", "Lo único que le pido es que avise antes de apagarse.",
        "Ya podrían traer un cable más largo.", "¿Para cuándo la versión en catalán?",
        "Espero que lo arreglen en la próxima actualización.", "Que alguien les diga que pongan un ascensor.",
        "Convendría que el asa no quemara.", "Agradecería que me devolvieran el dinero.",
        "¿Podrían bajar el volumen del pitido?", "Me encantaría que tuviera luz.",
        "Añadid la opción de guardar, por favor.", "Con una batería más grande sería perfecta.",
        "Falta que se pueda ordenar por fecha.", "Si tuviera ruedas la compraría otra vez.",
        "Hace falta un manual en español.", "Ruego solucionen el problema.",
        "Quisiera que la aplicación recordara mi contraseña.", "¿Sería posible recibir la factura por correo?",
        "Deben mejorar el servicio de entrega.", "Pido que revisen los precios de los repuestos.",
        "Una correa de cuero le vendría muy bien.", "Me hubiera gustado que trajera pilas.",
        "Ojalá vendan recambios pronto.", "Lo que falta es un enchufe cerca de la cama.",
        "Por favor, no quiten el botón de silencio.", "Tendrían que avisar cuando se retrasan.",
        "Sugiero que cambien el color de las letras.", "Nos haría falta un segundo ascensor.",
        "¿Cuándo van a arreglar el buscador?", "Necesito que me cambien la fecha del pedido.",
        "Si pudieran abrir antes, vendría todos los días.", NULL
    };
    check("es", EW_CUE_DESIRE, 1, texts);
}

Test(spanish, does_not_ask) {
    static const char *const texts[] = {
        "La tapa se quita con facilidad.", "No me gustaría perder esta aplicación.", "No hace falta nada más.",
        "No necesito otra cosa.", "Gracias por añadir el modo oscuro.", "Me gustaría felicitar a todo el personal.",
        "Si quiere imprimir, pulse dos veces.", "Funciona tal y como debe ser.", "No falta de nada en la caja.",
        "Pensé que sería peor, pero es muy cómoda.", "Mi hija quería uno y se lo regalé.",
        "El depósito pierde agua desde el lunes.", "No volvería a comprarla.",
        "Espero el paquete desde hace una semana.", "Queremos volver el próximo verano.", "No se puede pedir más.",
        "¿Qué más se puede pedir?", "Hay que pulsar el botón tres segundos.", "No tengo ninguna sugerencia.",
        "Se la recomiendo a todo el mundo.", "Cuando se vacía el depósito, se apaga.",
        "Debería haber llegado el martes y llegó el jueves.", "No pueden ser más amables.",
        "El ascensor está al lado de la cama.", "La entrega fue rápida y el precio correcto.",
        "Por fin puedo recibir la factura por correo.", "Me gustaría dar las gracias a la recepcionista.",
        "Ya no necesito la factura.", "Si le gusta el café fuerte, esta es su máquina.",
        "No sé qué haría sin ella.", "Cambiaron el color de las letras en marzo.",
        "Estaba mejor de lo que esperaba.", "Mi marido prefiere la otra.", "La pantalla se queda en negro.",
        "No hay quejas por nuestra parte.", "Se podría decir que es perfecta.", "Siempre quise tener una así.",
        "Me cobraron dos veces el mismo pedido.", NULL
    };
    check("es", EW_CUE_DESIRE, 0, texts);
}

Test(spanish, misses) {
    static const char *const texts[] = {
        "No hay ningún botón para parar.", "La bolsa no trae asas.", "Faltan enchufes en la cocina.",
        "No encuentro la opción de imprimir.", "No se puede regular la altura.",
        "Viene sin instrucciones en español.", "Carece de luz interior.", "Echo de menos un bolsillo.",
        "No permite guardar los cambios.", "En ningún sitio se ve el saldo.", NULL
    };
    check("es", EW_CUE_ABSENCE, 1, texts);
}

Test(spanish, misses_nothing) {
    static const char *const texts[] = {
        "No hay ninguna queja.", "No hay problema con el botón.", "No falta nada.", "Hay botones por todas partes.",
        "No hay duda de que es buena.", "La bolsa trae asas.", "Sin problemas desde el primer día.", NULL
    };
    check("es", EW_CUE_ABSENCE, 0, texts);
}

Test(spanish, makes_do) {
    static const char *const texts[] = {
        "Le pongo una goma para que no se abra.", "Mientras tanto uso una linterna.",
        "Al final lo copio todo en una libreta.", "Me las apaño con cinta adhesiva.",
        "Lo apunto a mano porque no guarda nada.", "He acabado comprando otra funda.",
        "En su lugar uso una hoja de cálculo.", "Hago una captura de pantalla de cada factura.",
        "Tengo que meter un papel debajo para que no baile.", NULL
    };
    check("es", EW_CUE_WORKAROUND, 1, texts);
}

Test(spanish, only_uses) {
    static const char *const texts[] = {
        "La funda es de cinta.", "Uso la linterna todos los días.", "Pongo la mesa a las ocho.",
        "Compré otra funda para mi hermana.", "Está hecho a mano por artesanos.", NULL
    };
    check("es", EW_CUE_WORKAROUND, 0, texts);
}

Test(french, asks) {
    static const char *const texts[] = {
        "J'aimerais pouvoir imprimer depuis mon téléphone.", "Ce serait bien que le couvercle s'enlève.",
        "Merci d'ajouter un mode sombre.", "Si seulement il existait une taille de plus.",
        "Vous devriez afficher le prix sur l'étiquette.", "Il faudrait une alarme quand le réservoir est vide.",
        "Pourquoi ne peut-on pas payer par carte ?", "Il manque un bouton pour annuler.",
        "Nous avons besoin d'un export des factures.", "Tout ce que je demande, c'est un signal avant l'arrêt.",
        "Ils pourraient au moins fournir un câble plus long.", "À quand une version en breton ?",
        "J'espère que ce sera corrigé dans la prochaine version.", "Ajoutez une poignée, s'il vous plaît.",
        "Je voudrais être remboursé.", "Serait-il possible de baisser le son du bip ?",
        "Avec une batterie plus grande, elle serait parfaite.", "On aimerait bien trier par date.",
        "Un mode d'emploi en français serait le bienvenu.", "Pensez à mettre une lumière.",
        "J'aurais préféré un filtre lavable.", "Dommage qu'on ne puisse pas régler l'heure.",
        "Prière de rajouter un rangement.", "Pouvez-vous ajouter un minuteur ?",
        "Je souhaite que l'application retienne mon mot de passe.",
        "Serait-ce possible de recevoir la facture par courriel ?", "Il faut absolument améliorer la livraison.",
        "Je vous demande de revoir le prix des pièces.", "Une courroie en cuir serait un vrai plus.",
        "J'aurais aimé que les piles soient fournies.", "Vivement qu'on puisse acheter des recharges !",
        "Ce qui manque, c'est une prise près du lit.", "N'enlevez surtout pas le bouton muet, svp.",
        "Ils devraient prévenir quand ils sont en retard.", "Je suggère de changer la couleur des lettres.",
        "Il nous faudrait un deuxième ascenseur.", "Quand est-ce que la recherche sera réparée ?",
        "J'ai besoin qu'on change la date de ma commande.",
        "Si vous pouviez ouvrir plus tôt, je viendrais tous les jours.", NULL
    };
    check("fr", EW_CUE_DESIRE, 1, texts);
}

Test(french, does_not_ask) {
    static const char *const texts[] = {
        "Le couvercle s'enlève facilement.", "Je n'aimerais pas perdre cette application.", "Il ne manque rien.",
        "Je n'ai besoin de rien d'autre.", "Merci d'avoir ajouté le mode sombre.",
        "Je voudrais remercier toute l'équipe.", "Si vous voulez imprimer, appuyez deux fois.",
        "Tout marche comme il faut.", "Je pensais que ce serait pire, mais elle est confortable.",
        "Ma fille en voulait une, je la lui ai offerte.", "Le réservoir fuit depuis lundi.",
        "Je ne l'achèterais pas une seconde fois.", "J'attends le colis depuis une semaine.",
        "On ne peut pas demander mieux.", "Que demander de plus ?", "Il faut appuyer trois secondes sur le bouton.",
        "Je n'ai aucune suggestion.", "Je la recommande à tout le monde.",
        "Quand le réservoir est vide, elle s'arrête.", "Elle aurait dû arriver mardi, elle est arrivée jeudi.",
        "Le personnel ne pourrait être plus aimable.", "N'hésitez pas à l'acheter.",
        "On espère revenir l'été prochain.", "Je ne demande pas de remboursement.",
        "L'ascenseur est à côté du lit.", "La livraison a été rapide et le prix correct.",
        "Je peux enfin recevoir la facture par courriel.", "Je tiens à remercier la réceptionniste.",
        "Je n'ai plus besoin de la facture.", "Si vous aimez le café fort, c'est la machine qu'il vous faut.",
        "Je ne sais pas ce que je ferais sans elle.", "Ils ont changé la couleur des lettres en mars.",
        "C'était mieux que ce que j'espérais.", "Mon mari préfère l'autre.", "L'écran reste noir.",
        "Aucune plainte de notre part.", "On dirait qu'elle est neuve.", "J'ai toujours voulu en avoir une pareille.",
        "On m'a débité deux fois la même commande.", NULL
    };
    check("fr", EW_CUE_DESIRE, 0, texts);
}

Test(french, misses) {
    static const char *const texts[] = {
        "Il n'y a aucun bouton d'arrêt.", "Le sac n'a pas de poignées.", "Il manque des prises dans la cuisine.",
        "Je ne trouve pas l'option pour imprimer.", "On ne peut pas régler la hauteur.",
        "Livré sans notice en français.", "Elle est dépourvue d'éclairage.",
        "Impossible d'enregistrer les réglages.", "L'application ne permet pas de trier.",
        "Le solde n'apparaît nulle part.", NULL
    };
    check("fr", EW_CUE_ABSENCE, 1, texts);
}

Test(french, misses_nothing) {
    static const char *const texts[] = {
        "Il n'y a aucun problème.", "Il ne manque rien.", "Il y a des boutons partout.",
        "Aucun doute, elle est bonne.", "Le sac a des poignées.", "Sans souci depuis le premier jour.",
        "Il n'y a pas à se plaindre.", NULL
    };
    check("fr", EW_CUE_ABSENCE, 0, texts);
}

Test(french, makes_do) {
    static const char *const texts[] = {
        "Je mets un élastique pour qu'il reste fermé.", "En attendant, j'utilise une lampe de poche.",
        "Du coup je recopie tout dans un carnet.", "Je me débrouille avec du ruban adhésif.",
        "Je note tout à la main, faute de mieux.", "J'ai fini par acheter une autre housse.",
        "À la place, j'utilise un tableur.", "Je fais une capture d'écran de chaque facture.",
        "Je cale un papier dessous pour qu'elle ne bouge pas.", NULL
    };
    check("fr", EW_CUE_WORKAROUND, 1, texts);
}

Test(french, only_uses) {
    static const char *const texts[] = {
        "La housse est en ruban.", "J'utilise la lampe tous les jours.", "Je mets la table à huit heures.",
        "J'ai acheté une autre housse pour ma sœur.", "C'est fait à la main par des artisans.", NULL
    };
    check("fr", EW_CUE_WORKAROUND, 0, texts);
}

Test(japanese, asks) {
    static const char *const texts[] = {
        "スマホから印刷できるようにしてほしいです。", "蓋が外せると嬉しいです。",
        "ダークモードを追加してください。",
        "もう一つ大きいサイズがあればいいのに。",
        "値段はラベルに書くべきだと思います。",
        "タンクが空になったら知らせてくれると助かります。",
        "なぜカードで払えないのでしょうか。", "元に戻すボタンが欲しい。",
        "請求書を書き出す機能が必要です。", "切れる前に音で知らせてもらいたい。",
        "もっと長いコードを付けてもらえませんか。", "日本語版はいつ出ますか。",
        "次の更新で直ることを期待しています。", "取っ手を付けて欲しかった。",
        "返金をお願いします。", "音を小さくできませんか。",
        "電池がもう少し大きければ完璧でした。",
        "日付順に並べられたらいいなと思います。", "日本語の説明書を希望します。",
        "時刻を設定できるといいですね。", "洗えるフィルターの方がよかった。",
        "照明が付いていたら最高なのに。", "改善を望みます。",
        "高さを変えられるようにすべきです。",
        "パスワードを覚えてくれるとありがたいです。",
        "請求書をメールで受け取ることはできますか。",
        "配達をもっと良くしてもらいたいです。",
        "部品の値段を見直していただけないでしょうか。",
        "革のベルトも選べたら嬉しい。", "電池も付けてほしかったです。",
        "詰め替えを早く発売してください。", "枕元にコンセントがあると便利です。",
        "消音ボタンをなくさないでほしい。", "遅れる時は連絡すべきです。",
        "文字の色を変えた方がいいと思います。",
        "エレベーターがもう一台欲しいところです。", "検索はいつ直るのでしょうか。",
        "注文の日付を変更したいのですが。",
        "もう少し早く開けてくれたら毎日通うのに。", NULL
    };
    check("ja", EW_CUE_DESIRE, 1, texts);
}

Test(japanese, does_not_ask) {
    static const char *const texts[] = {
        "蓋は簡単に外せます。", "他に必要なものはありません。",
        "ダークモードを追加してくれてありがとうございます。",
        "印刷したい時は二回押します。", "思ったより座り心地が良かったです。",
        "娘が欲しがっていたので贈りました。", "月曜から水が漏れています。",
        "二度と買いません。", "荷物を一週間待っています。",
        "ボタンを押せばすぐに動きます。", "三秒押し続けると電源が入ります。",
        "特に要望はありません。", "皆さんにおすすめします。",
        "タンクが空になると止まります。", "火曜に届くはずが木曜に届きました。",
        "欲しかった色が買えて満足です。", "期待していたとおりの味でした。",
        "説明書を読めば分かります。", "参考にしてください。",
        "ぜひ試してみてください。", "もう少しで終わります。",
        "改善されて使いやすくなりました。", "これ以上は望みません。",
        "前のものより良いです。", "エレベーターは枕元の近くにあります。",
        "配達は早く、値段も手頃でした。", "やっと請求書をメールで受け取れました。",
        "受付の方に感謝しています。", "請求書はもう必要ありません。",
        "濃いコーヒーが好きな人にぴったりです。", "三月に文字の色が変わりました。",
        "期待以上でした。", "夫は別の方が好きです。", "画面が黒いままです。",
        "特に不満はありません。", "新品のように見えます。",
        "ずっと前から欲しかった品です。", "同じ注文が二回請求されました。",
        "電源を入れると音が鳴ります。", NULL
    };
    check("ja", EW_CUE_DESIRE, 0, texts);
}

Test(japanese, misses) {
    static const char *const texts[] = {
        "止めるボタンがありません。", "取っ手が付いていない。",
        "台所のコンセントが足りない。", "印刷の項目が見つかりません。",
        "高さを調節できません。", "日本語の説明書が入っていなかった。",
        "照明がない。", "設定を保存できない。", "残高がどこにも表示されない。",
        "並べ替えに対応していない。", NULL
    };
    check("ja", EW_CUE_ABSENCE, 1, texts);
}

Test(japanese, misses_nothing) {
    static const char *const texts[] = {
        "何の問題もありません。", "不満はありません。", "ボタンがたくさんあります。",
        "間違いない品質です。", "取っ手が付いています。", "申し分ない。", NULL
    };
    check("ja", EW_CUE_ABSENCE, 0, texts);
}

Test(japanese, makes_do) {
    static const char *const texts[] = {
        "閉まらないので輪ゴムで留めています。",
        "とりあえず懐中電灯を使っています。", "仕方なくノートに書き写しています。",
        "テープで貼って間に合わせている。",
        "保存されないので手書きでメモしています。",
        "結局別のカバーを買って使っています。", "代わりに表計算を使っている。",
        "請求書ごとにスクショを撮っています。",
        "がたつくので下に紙を挟んでいます。", NULL
    };
    check("ja", EW_CUE_WORKAROUND, 1, texts);
}

Test(japanese, only_uses) {
    static const char *const texts[] = {
        "カバーは布製です。", "毎日懐中電灯を使います。", "八時に食卓を用意します。",
        "妹に別のカバーを買いました。", "職人の手作りです。", NULL
    };
    check("ja", EW_CUE_WORKAROUND, 0, texts);
}
