/* What a corpus is made of: words by frequency, themes of very unequal size, needs and where they are planted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "large.h"

enum { SMALLEST = 6, LARGEST = 40, COMMENTS_A_NEED = 8000, FEWEST_NEEDS = 12 };
enum { FOR_THEME = 1, FOR_AREA, FOR_NEED, FOR_PLACE };

/* Function words: the frames have them already. */
static const char *const PLAIN =
    " the and that for with was his had this from are not but her they she have their which were been has who its one all into "
    "more than when there out can only other some would also will him them over then about these just like such being very any "
    "could our your how what where why did does most many much must own same too between through during before after under until "
    "again each both few off here yet nor may might shall should upon you she's don ";

void give_up(const char *what, const char *why) {
    fprintf(stderr, "generate: %s: %s\n", what, why);
    exit(2);
}

void *need_memory(void *memory) {
    if (!memory) give_up("memory", "there is not enough");
    return memory;
}

static uint64_t mix(uint64_t x) { /* splitmix64 (Steele, Lea, Flood 2014) */
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

chance chance_of(uint64_t seed, uint64_t purpose, uint64_t index) { return (chance){mix(mix(mix(seed) ^ purpose) ^ index)}; }

uint64_t draw(chance *c) { return mix(c->state += 0x9e3779b97f4a7c15u); }

uint32_t below(chance *c, uint32_t n) { return (uint32_t)((draw(c) >> 32) * n >> 32); }

int one_in(chance *c, uint32_t n) { return below(c, n) == 0; }

uint32_t by_weight(chance *c, const uint64_t *sums, uint32_t n) {
    uint64_t at = (draw(c) >> 32) * (sums[n - 1] >> 32) + ((draw(c) >> 32) * (sums[n - 1] & UINT32_MAX) >> 32);
    uint32_t low = 0, high = n - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sums[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Running sums of 1 / (rank + shift): Zipf's law with its flat beginning (Mandelbrot). */
static uint64_t *zipf(uint32_t n, uint32_t shift) {
    uint64_t *sums = need_memory(malloc(n * sizeof *sums)), sum = 0;
    for (uint32_t i = 0; i < n; i++) sums[i] = sum += ((uint64_t)1 << 40) / (i + shift);
    return sums;
}

static int usable(const char *word, size_t n) {
    char wanted[32];
    if (n < 3 || n > 20) return 0;
    for (size_t i = 0; i < n; i++)
        if (word[i] < 'a' || word[i] > 'z') return 0;
    snprintf(wanted, sizeof wanted, " %.*s ", (int)n, word);
    return !strstr(PLAIN, wanted);
}

static void read_words(world *w, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) give_up(path, "cannot be read; --words names a file with a word a line, frequent ones first");
    size_t n = 0, room = 1 << 16, got;
    w->text = need_memory(malloc(room + 1));
    while ((got = fread(w->text + n, 1, room - n, file)) > 0)
        if ((n += got) == room) w->text = need_memory(realloc(w->text, (room *= 2) + 1));
    fclose(file);
    w->text[n] = '\n';
    uint32_t lines = 0;
    for (size_t i = 0; i <= n; i++) lines += w->text[i] == '\n';
    w->words = need_memory(malloc(lines * sizeof *w->words));
    for (char *line = w->text, *end; line <= w->text + n; line = end + 1) {
        end = memchr(line, '\n', (size_t)(w->text + n + 1 - line));
        *end = 0;
        if (usable(line, (size_t)(end - line))) w->words[w->n_words++] = line;
    }
    if (w->n_words < 1000) give_up(path, "fewer than 1000 words of letters a to z");
}

/* A word of the middle ranks: neither in everybody's mouth nor unheard of. */
static uint32_t subject(const world *w, chance *c) {
    uint32_t a = below(c, w->n_words), b = below(c, w->n_words);
    return a < b ? a : b;
}

static void draw_themes(world *w) {
    uint32_t area[AREAS][THEME_WORDS];
    for (uint32_t a = 0; a < AREAS; a++) {
        chance c = chance_of(w->seed, FOR_AREA, a);
        for (int j = 0; j < THEME_WORDS; j++) area[a][j] = subject(w, &c);
    }
    w->theme_words = need_memory(malloc(THEMES * sizeof *w->theme_words));
    for (uint32_t t = 0; t < THEMES; t++) { /* two of three words are its own, the third one of its area */
        chance c = chance_of(w->seed, FOR_THEME, t);
        for (int j = 0; j < THEME_WORDS; j++)
            w->theme_words[t][j] = j % 3 == 2 ? area[t % AREAS][below(&c, THEME_WORDS)] : subject(w, &c);
    }
}

static int by_comment(const void *a, const void *b) {
    const planted *x = a, *y = b;
    if (x->comment != y->comment) return x->comment < y->comment ? -1 : 1;
    return x->need < y->need ? -1 : x->need > y->need;
}

static void plant_needs(world *w) {
    uint64_t many = w->n / COMMENTS_A_NEED;
    w->n_needs = w->n < FEWEST_NEEDS * LARGEST ? 0 : many < FEWEST_NEEDS ? FEWEST_NEEDS : (uint32_t)many;
    w->need_words = need_memory(malloc((w->n_needs + 1) * sizeof *w->need_words));
    w->plants = need_memory(malloc(((size_t)w->n_needs * LARGEST + 1) * sizeof *w->plants));
    for (uint32_t g = 0; g < w->n_needs; g++) {
        chance c = chance_of(w->seed, FOR_NEED, g);
        for (int j = 0; j < NEED_WORDS; j++) w->need_words[g][j] = w->n_words / 4 + below(&c, w->n_words - w->n_words / 4);
        uint32_t a = below(&c, LARGEST - SMALLEST + 1), b = below(&c, LARGEST - SMALLEST + 1), size = SMALLEST + (a < b ? a : b);
        chance place = chance_of(w->seed, FOR_PLACE, g);
        for (uint32_t j = 0; j < size; j++)
            w->plants[w->n_plants++] = (planted){(uint64_t)((unsigned __int128)draw(&place) * w->n >> 64), g};
    }
    qsort(w->plants, w->n_plants, sizeof *w->plants, by_comment);
    uint64_t kept = 0; /* a comment belongs to one need at most */
    for (uint64_t i = 0; i < w->n_plants; i++)
        if (!kept || w->plants[kept - 1].comment != w->plants[i].comment) w->plants[kept++] = w->plants[i];
    w->n_plants = kept;
}

void world_make(world *w, const char *vocabulary, uint64_t seed, uint64_t n) {
    *w = (world){.seed = seed, .n = n};
    read_words(w, vocabulary);
    w->word_sums = zipf(w->n_words, 8);
    w->theme_sums = zipf(THEMES, 2);
    w->n_campaigns = 3 + (uint32_t)(n / 20000);
    draw_themes(w);
    plant_needs(w);
}

void world_free(world *w) {
    free(w->text);
    free(w->words);
    free(w->word_sums);
    free(w->theme_sums);
    free(w->theme_words);
    free(w->need_words);
    free(w->plants);
}

uint32_t world_need(const world *w, uint64_t comment) {
    uint64_t low = 0, high = w->n_plants;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (w->plants[middle].comment < comment)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->n_plants && w->plants[low].comment == comment ? w->plants[low].need : UINT32_MAX;
}

int need_is_wish(const world *w, uint32_t need) {
    (void)w;
    return need % 4 == 3;
}
