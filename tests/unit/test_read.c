/* read: formats. What JSON, CSV and TSV become, what is rejected, and where it is said to be. */
#include "read_help.h"

static const ew_options plain = {0};

Test(read_jsonl, fields_as_written) {
    got *out = got_text("{\"id\":\"a\",\"text\":\"one\",\"rating\":4.50,\"time\":1751328000,\"lang\":null,\"product\":true}\n"
                        "\n  {\"text\" : \"two\" , \"id\" : 7 }\r\n{\"id\":\"c\",\"text\":\"\"}", &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 3);
    cr_assert_eq(out->rejected, 0);
    FIELD(out, 0, ID, "a");
    FIELD(out, 0, TEXT, "one");
    FIELD(out, 0, RATING, "4.50");
    FIELD(out, 0, TIME, "1751328000");
    FIELD(out, 0, PRODUCT, "true");
    FIELD(out, 0, LANG, "(none)");
    FIELD(out, 1, ID, "7");
    FIELD(out, 2, TEXT, "");
    cr_assert_eq(out->records[1].line, 3);
    cr_assert_eq(out->records[1].byte, 84);
    cr_assert_eq(out->records[2].line, 4);
    cr_assert_str_eq(out->format, "jsonl");
    cr_assert_str_eq(out->compression, "plain");
    got_free(out);
    assert_no_leaks();
}

Test(read_jsonl, escapes) {
    got *out = got_text("{\"text\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00|\"}\n"
                        "{\"text\":\"\\ud83d|\\ude00|\\ud83d\\u0041|\\ud83d\\ud83d\\ude00\"}\n"
                        "{\"te\\u0078t\":\"named\",\"\\u0069d\":\"x\"}\n{\"text\":\"a\\u0000b\"}\n", &plain);
    cr_assert_eq(out->n, 4);
    FIELD(out, 0, TEXT, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80|");
    FIELD(out, 1, TEXT, "\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd" "A|\xef\xbf\xbd\xf0\x9f\x98\x80");
    FIELD(out, 2, TEXT, "named");
    FIELD(out, 2, ID, "x");
    cr_assert_eq(out->records[3].lengths[EW_COL_TEXT], 3);
    got_free(out);
    assert_no_leaks();
}

Test(read_jsonl, the_last_of_equal_names_wins) {
    got *out = got_text(
        "{\"text\":\"a\",\"text\":\"b\"}\n{\"body\":\"a\",\"text\":\"b\",\"comment\":\"c\"}\n{\"comment\":\"c\",\"text\":null}\n"
        "{\"Body\":\"v\",\"body\":\"exact\"}\n{\"text\":{\"x\":1},\"body\":\"flat\"}\n",
        &plain);
    cr_assert_eq(out->n, 5);
    FIELD(out, 0, TEXT, "b");
    FIELD(out, 1, TEXT, "b");
    FIELD(out, 2, TEXT, "c");
    FIELD(out, 3, TEXT, "exact");
    FIELD(out, 4, TEXT, "flat");
    got_free(out);
    assert_no_leaks();
}

Test(read_jsonl, nested_values_are_checked_and_skipped) {
    got *out = got_text(
        "{\"a\":[],\"b\":{},\"c\":[1,[2,{\"d\":\"]\"}],true],\"text\":\"t\",\"e\":{\"text\":\"no\",\"f\":[null]}}\n", &plain);
    cr_assert_eq(out->n, 1);
    FIELD(out, 0, TEXT, "t");
    got_free(out);
    static const char *const bad[] = {"[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1 2]", "[1}", "{\"a\":1]", "[", "{", "[nul]",
                                      "[\"\\x\"]", "{1:2}", "[,1]", "{\"a\":1 \"b\":2}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char line[200];
        snprintf(line, sizeof line, "{\"text\":\"good\"}\n{\"text\":\"t\",\"n\":%s}\n", bad[i]);
        out = got_text(line, &plain);
        cr_assert_eq(out->n, 1, "%s", bad[i]);
        cr_assert_eq(out->rejected, 1, "%s", bad[i]);
        got_free(out);
    }
    assert_no_leaks();
}

Test(read_jsonl, depth_is_bounded) {
    char *line = malloc(300000);
    for (int depth = 1024; depth <= 1025; depth++) {
        int n = sprintf(line, "{\"text\":\"good\"}\n{\"text\":\"t\",\"n\":");
        memset(line + n, '[', (size_t)depth);
        memset(line + n + depth, ']', (size_t)depth);
        strcpy(line + n + 2 * depth, "}");
        ew_input input = {"in", line, strlen(line)};
        got *out = got_all(&input, 1, &plain, 0);
        cr_assert_eq(out->n, depth == 1024 ? 2 : 1);
        got_free(out);
    }
    int n = sprintf(line, "{\"text\":\"good\"}\n{\"n\":");
    memset(line + n, '{', 250000);
    ew_input input = {"in", line, (size_t)n + 250000};
    got *out = got_all(&input, 1, &plain, 0);
    cr_assert_eq(out->rejected, 1);
    got_free(out);
    free(line);
    assert_no_leaks();
}

Test(read_jsonl, what_is_not_json_is_rejected_with_its_place) {
    static const char *const bad[] = {"{\"text\":\"cut",
                                      "{\"text\":\"x\"",
                                      "{\"text\" \"x\"}",
                                      "{\"text\":\"x\",}",
                                      "{text:\"x\"}",
                                      "{\"text\":'x'}",
                                      "{\"text\":\"x\"} y",
                                      "{\"text\":01}",
                                      "{\"text\":1.}",
                                      "{\"text\":.5}",
                                      "{\"text\":+1}",
                                      "{\"text\":1e}",
                                      "{\"text\":-}",
                                      "{\"text\":tru}",
                                      "{\"text\":truex}",
                                      "{\"text\":\"\\q\"}",
                                      "{\"text\":\"\\u12g4\"}",
                                      "{\"text\":\"tab\there\"}",
                                      "[\"text\"]",
                                      "\"text\"",
                                      "nonsense",
                                      "{\"text\":\"\\",
                                      "{,}",
                                      "{\"text\":}",
                                      "{\"text\":\"x\"}{\"text\":\"y\"}",
                                      "{\"text\":\"x\\\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char lines[200];
        snprintf(lines, sizeof lines, "{\"text\":\"first\"}\n%s\n{\"text\":\"third\"}\n", bad[i]);
        got *out = got_text(lines, &plain);
        cr_assert_eq(out->status, EW_OK);
        cr_assert_eq(out->n, 2, "%s", bad[i]);
        cr_assert_eq(out->rejected, 1, "%s", bad[i]);
        HAS(out->rejects[0], "in:2: byte 17: ");
        cr_assert_eq(out->records[1].line, 3);
        got_free(out);
    }
    assert_no_leaks();
}

Test(read_jsonl, raw_bytes) {
    got *out = got_bytes("{\"text\":\"a\xff\xfe\"}\n{\"text\":\"a\0b\"}\n", 30, &plain);
    cr_assert_eq(out->n, 1);
    FIELD(out, 0, TEXT, "a\xff\xfe"); /* repaired later, by text */
    cr_assert_eq(out->rejected, 1);
    got_free(out);
    assert_no_leaks();
}

Test(read_jsonl, long_lines_are_skipped) {
    ew_options options = {.max_line = 40};
    got *out = got_text(
        "{\"text\":\"first\"}\n{\"text\":\"this line is longer than it may be, by far, and then some\"}\n{\"text\":\"third\"}\n"
        "{\"text\":\"and so is the last of all these lines",
        &options);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 2);
    cr_assert_eq(out->rejected, 2);
    HAS(out->rejects[0], "in:2: byte 17: longer than");
    HAS(out->rejects[1], "in:4: ");
    cr_assert_eq(out->records[1].line, 3);
    got_free(out);
    out = got_text("{\"text\":\"forty bytes, neither more nor\"}\n{\"text\":\"forty-one bytes, and this is o\"}",
                   &(ew_options){.max_line = 40});
    cr_assert_eq(out->n, 1);
    got_free(out);
    assert_no_leaks();
}

Test(read_jsonl, no_text_at_all_is_refused) {
    char *many = malloc(40000), *p = many;
    for (int i = 0; i < 1200; i++) p += sprintf(p, "{\"ident\":%d,\"words\":\"w\"}\n", i);
    got *out = got_text(many, &plain);
    cr_assert_eq(out->status, EW_INPUT);
    cr_assert_eq(out->n, 0);
    HAS(out->err.message, "'ident', 'words'");
    HAS(out->err.message, "--text");
    HAS(out->err.message, "1000");
    got_free(out);
    out = got_text("{\"words\":\"w\"}\n", &plain);
    cr_assert_eq(out->status, EW_INPUT);
    got_free(out);
    out = got_text("{\"words\":\"w\"}\n{\"text\":\"t\"}\n{\"text\":null}\n", &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 1);
    cr_assert_eq(out->rejected, 2);
    HAS(out->rejects[0], "in:1: byte 0: no text field");
    got_free(out);
    p = many;
    for (int i = 0; i < 1200; i++) p += sprintf(p, "{%d\n", i);
    out = got_text(many, &plain);
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "JSON object");
    got_free(out);
    free(many);
    assert_no_leaks();
}

Test(read_json, arrays) {
    got *out = got_text("\n[\n  {\"text\": \"one\",\n   \"id\": 1},\n  {\"text\":\"two\"}]\n[] [{\"text\":\"three\"}]\n", &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 3);
    cr_assert_str_eq(out->format, "json");
    FIELD(out, 0, ID, "1");
    cr_assert_eq(out->records[0].line, 3);
    cr_assert_eq(out->records[1].line, 5);
    cr_assert_eq(out->records[2].line, 6);
    got_free(out);
    assert_no_leaks();
}

Test(read_json, a_bad_element_costs_itself) {
    got *out = got_text("[{\"text\":\"one\"},{\"text\":\"tab\t, ] "
                        "}\"},12,\"str,]\",{\"text\":\"es\\\"c\",x},[{\"text\":\"in\"}],{\"text\":\"two\"}]",
                        &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 2);
    cr_assert_eq(out->rejected, 5);
    FIELD(out, 1, TEXT, "two");
    HAS(out->rejects[0], "in:1: byte 16: ");
    got_free(out);
    out = got_text("[{\"text\":\"one\"},{\"text\":\"far too long for this, it is\"},{\"text\":\"two\"}]",
                   &(ew_options){.max_line = 20});
    cr_assert_eq(out->n, 2);
    cr_assert_eq(out->rejected, 1);
    got_free(out);
    assert_no_leaks();
}

Test(read_json, broken_arrays_are_errors) {
    static const char *const bad[] = {"[{\"text\":\"one\"}",
                                      "[{\"text\":\"one\"},",
                                      "[{\"text\":\"one\"},{\"te",
                                      "[{\"text\":\"one\"} {\"text\":\"two\"}]",
                                      "[{\"text\":\"one\"}] x",
                                      "[",
                                      "[{\"text\":\"one\"},{\"x\":\"\\q"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        got *out = got_text(bad[i], &plain);
        cr_assert_eq(out->status, EW_INPUT, "%s", bad[i]);
        HAS(out->err.message, "in:1: byte ");
        got_free(out);
    }
    got *out = got_text("[]", &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 0);
    got_free(out);
    assert_no_leaks();
}

Test(read_csv, quotes_and_lines) {
    got *out = got_text(
        "\xef\xbb\xbfID,\"Review Text\",stars,extra\r\n1,\"a \"\"b\"\"\r\nc, d\",5,\r\n\r\n2,plain,4,x\n3,\"\",,\"\"\"\"",
        &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 3);
    cr_assert_eq(out->rejected, 0);
    cr_assert_str_eq(out->format, "csv");
    FIELD(out, 0, ID, "1");
    FIELD(out, 0, TEXT, "a \"b\"\r\nc, d");
    FIELD(out, 0, RATING, "5");
    FIELD(out, 1, TEXT, "plain");
    FIELD(out, 2, TEXT, "");
    FIELD(out, 2, RATING, "");
    cr_assert_eq(out->records[0].line, 2);
    cr_assert_eq(out->records[1].line, 5);
    cr_assert_eq(out->records[2].line, 6);
    cr_assert_str_eq(out->columns[EW_COL_TEXT], "Review Text");
    got_free(out);
    assert_no_leaks();
}

Test(read_csv, delimiters) {
    got *out = got_text("id;text, all;comment\n1;a,b;c\n", &plain);
    cr_assert_eq(out->n, 1);
    FIELD(out, 0, TEXT, "c");
    got_free(out);
    out = got_text("id\ttext\n1\ta,\"b\"\n\"2\"\t\"q\tq\"\n3\t\"he\" said\n4\t\"open\n5\tlast\n", &plain);
    cr_assert_str_eq(out->format, "tsv");
    cr_assert_eq(out->n, 5);
    FIELD(out, 0, TEXT, "a,\"b\"");
    FIELD(out, 1, TEXT, "q\tq");
    FIELD(out, 2, TEXT, "\"he\" said"); /* written without quoting */
    FIELD(out, 3, TEXT, "\"open");
    FIELD(out, 4, TEXT, "last");
    got_free(out);
    out = got_text("text\nonly one column\n\nand, a comma\n", &plain);
    cr_assert_eq(out->n, 1);
    cr_assert_eq(out->rejected, 1);
    got_free(out);
    out = got_text("a,b;text\tid\nx\ty\n", &(ew_options){.format = "tsv", .columns[EW_COL_TEXT] = "a,b;text"});
    cr_assert_eq(out->n, 1);
    FIELD(out, 0, TEXT, "x");
    got_free(out);
    assert_no_leaks();
}

Test(read_csv, a_bad_record_costs_a_line) {
    got *out = got_text("id,text,n\n1,stray \"quote\",x\n2,good,x\n3,\"closed\" "
                        "early,x\n4,good,x\n5,few\n6,too,many,x\n7,\"never closed,x\n8,good,x\n9,good,x\n",
                        &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 4);
    cr_assert_eq(out->rejected, 5);
    FIELD(out, 3, ID, "9");
    cr_assert_eq(out->records[3].line, 10);
    HAS(out->rejects[0], "in:2: byte 10: a quote inside");
    HAS(out->rejects[1], "in:4: byte 37: text behind");
    HAS(out->rejects[2], "in:6: ");
    HAS(out->rejects[2], "fewer");
    HAS(out->rejects[3], "more");
    HAS(out->rejects[4], "never closed");
    got_free(out);
    out = got_text("text,n\n\"quoted and too long\nfor this\",x\n\"ok\",y\n\"open\nand no end of it\nat all",
                   &(ew_options){.max_line = 20});
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 1);
    FIELD(out, 0, TEXT, "ok");
    got_free(out);
    assert_no_leaks();
}

Test(read_csv, headers_that_do_not_do) {
    got *out = got_text("ident,words\n1,w\n", &plain);
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "'ident', 'words'");
    HAS(out->err.message, "--text");
    got_free(out);
    out = got_text("id,text\n1,w\n", &(ew_options){.columns[EW_COL_TIME] = "when"});
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "'when'");
    HAS(out->err.message, "'id', 'text'");
    got_free(out);
    out = got_text("id,\"text\n1,w\n", &plain);
    cr_assert_eq(out->status, EW_INPUT);
    got_free(out);
    out = got_text("id,text\n", &plain);
    cr_assert_eq(out->status, EW_OK);
    cr_assert_eq(out->n, 0);
    got_free(out);
    char *wide = malloc(200000);
    memset(wide, ',', 199999);
    wide[199999] = 0;
    memcpy(wide, "text", 4);
    ew_input input = {"in", wide, 199999};
    out = got_all(&input, 1, &plain, 0);
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "65535");
    got_free(out);
    free(wide);
    assert_no_leaks();
}

Test(read_columns, names) {
    static const struct { const char *name; ew_column column; } cases[] = {
        {"Comment ID", EW_COL_ID}, {"ticket-id", EW_COL_ID}, {"BODY", EW_COL_TEXT}, {"Consumer complaint narrative", EW_COL_TEXT},
        {"Subject", EW_COL_TITLE}, {"Created At", EW_COL_TIME}, {"NPS", EW_COL_RATING}, {"appName", EW_COL_PRODUCT},
        {"user_id", EW_COL_CUSTOMER}, {"Country", EW_COL_SEGMENT}, {"channel", EW_COL_SOURCE}, {"Locale", EW_COL_LANG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "%s,%s\nvalue,words\n", cases[i].name, cases[i].column == EW_COL_TEXT ? "rubbish" : "text");
        got *out = got_text(text, &plain);
        cr_assert_eq(out->status, EW_OK, "%s", cases[i].name);
        cr_assert_str_eq(out->columns[cases[i].column], cases[i].name);
        cr_assert_str_eq(field(out, 0, cases[i].column), "value");
        got_free(out);
    }
    assert_no_leaks();
}

Test(read_columns, priority_and_wishes) {
    got *out = got_text("Comments,message,TEXT,body,stars,rating\na,b,c,d,1,2\n", &plain);
    FIELD(out, 0, TEXT, "c");
    FIELD(out, 0, RATING, "2");
    got_free(out);
    ew_options options = {.columns = {[EW_COL_TEXT] = "message", [EW_COL_TITLE] = "message", [EW_COL_RATING] = ""}};
    out = got_text("Comments,message,TEXT,rating\na,\"b\"\"\",c,1\n", &options);
    FIELD(out, 0, TEXT, "b\"");
    FIELD(out, 0, TITLE, "b\"");
    FIELD(out, 0, RATING, "(none)");
    got_free(out);
    out = got_text("{\"Comments\":1,\"message\":\"b\\n\",\"text\":\"c\",\"rating\":3}\n", &options);
    FIELD(out, 0, TEXT, "b\n");
    FIELD(out, 0, TITLE, "b\n");
    FIELD(out, 0, RATING, "(none)");
    got_free(out);
    out = got_text("{\"text\":\"c\",\"a\":3}\n{\"text\":\"d\"}\n", &(ew_options){.columns[EW_COL_PRODUCT] = "sku"});
    cr_assert_eq(out->status, EW_INPUT);
    HAS(out->err.message, "'sku'");
    HAS(out->err.message, "'text', 'a'");
    got_free(out);
    assert_no_leaks();
}

Test(read_columns, others) {
    ew_input input = {"in", "id,text,colour,body\n1,t,red,b\n", 30};
    ew_reader *reader;
    ew_batch batch;
    const char *const *names;
    cr_assert_eq(ew_reader_open(&input, 1, &plain, &reader, NULL), EW_OK);
    cr_assert_eq(ew_reader_next(reader, &batch, NULL), EW_OK);
    cr_assert_eq(batch.n, 1);
    cr_assert_eq(ew_reader_others(reader, &names), 2);
    cr_assert_str_eq(names[0], "colour");
    cr_assert_str_eq(names[1], "body");
    cr_assert_eq(ew_reader_bytes(reader), 30);
    cr_assert_null(ew_reader_column(reader, EW_COL_LANG));
    ew_reader_close(reader);
    assert_no_leaks();
}

Test(read_columns, endless_names) {
    char *lines = malloc(400000), *p = lines;
    for (int i = 0; i < 5000; i++) p += sprintf(p, "{\"text\":\"t\",\"name %d\":1,\"TE_XT%d\":2}\n", i, i);
    p += sprintf(p, "{\"comment\":\"late\"}\n");
    ew_input input = {"in", lines, (size_t)(p - lines)};
    ew_reader *reader;
    ew_batch batch;
    uint64_t n = 0;
    cr_assert_eq(ew_reader_open(&input, 1, &plain, &reader, NULL), EW_OK);
    do {
        cr_assert_eq(ew_reader_next(reader, &batch, NULL), EW_OK);
        n += batch.n;
        if (n == 5001 && batch.n) cr_assert_eq(batch.records[batch.n - 1].fields[EW_COL_TEXT].length, 4);
    } while (batch.n);
    cr_assert_eq(n, 5001);
    const char *const *names;
    cr_assert_eq(ew_reader_others(reader, &names), 64);
    ew_reader_close(reader);
    free(lines);
    assert_no_leaks();
}

/* Each of these would take hours if a bad record made the reader look at the rest of the input again. */
Test(read_hostile, time_stays_linear, .timeout = 20) {
    enum { SIZE = 3 << 20 };
    static const struct { const char *head, *line, *format; } cases[] = {
        {"text,n\n\"open,x\n", "a,\"\"\"\"\n", "csv"}, {"text,n\n", "\"a\n", "csv"},         {"text\tn\n", "\"a\tx\n", "tsv"},
        {"text,n\n", "\"\"\"x\n", "csv"},              {"[", "{\"a\":[", "json"},             {"[", "{\"text\":\"x},", "json"},
        {"[{\"text\":\"x\"},", "[[", "json"},          {"{\"text\":\"x\"}\n", "{\"a\":\"\\", "jsonl"}, {"\n", " \n", "csv"},
        {"{\"text\":1}\n", "{\"text\":1", "jsonl"},
    };
    char *bytes = malloc(SIZE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t at = strlen(cases[i].head), step = strlen(cases[i].line);
        memcpy(bytes, cases[i].head, at);
        for (; at + step <= SIZE; at += step) memcpy(bytes + at, cases[i].line, step);
        ew_input input = {"in", bytes, at};
        for (uint64_t limit = 1 << 10; limit <= 1 << 24; limit <<= 14) {
            got *out = got_all(&input, 1, &(ew_options){.format = cases[i].format, .max_line = limit}, 0);
            cr_assert(out->status == EW_OK || out->status == EW_INPUT);
            got_free(out);
        }
    }
    free(bytes);
    assert_no_leaks();
}
