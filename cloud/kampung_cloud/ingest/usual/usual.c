/* Packs of the usual form, from the wire into columns of numbers: what library.py asks for. No Python in it, no memory of its own.

   It takes exactly what the edge's encoder writes (kampung_contract.pack: msgspec, fields in order, no white space). A pack that differs
   by a byte is not judged here: it is left to the way that can say what is wrong with it.

   Every text ends with a NUL, as Python's bytes do, so looking at one byte at a time cannot leave it: nothing moves on past a byte that
   was not what it looked for. */

#include <float.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error "numbers would be rounded twice: this machine's way of calculating is not supported"
#endif

#ifndef SOURCE
#error "build.py says which source this is"
#endif

typedef const unsigned char *text;

/* What it was compiled from: library.py calls nothing in a library that does not hold it. */
const char usual_source[] = SOURCE;

/* zlib's z_stream, as it has been since version 1.0: nobody needs zlib's headers, and inflateInit_ refuses another size. */
typedef struct {
    text next_in;
    unsigned int avail_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned int avail_out;
    unsigned long total_out;
    const char *message;
    void *state, *allocate, *release, *opaque;
    int data_type;
    unsigned long adler, reserved;
} stream;

enum { EPOCH = 32 }; /* letters at most */
enum { FINISH = 4, STREAM_END = 1, NEED_DICTIONARY = 2 };

typedef struct {
    /* `room` is for `most` bytes and one more. Without zlib there is none, and all that is deflated is left. */
    stream z;
    int (*inflate)(stream *, int);
    int (*reset)(stream *);
    int (*dictionary)(stream *, text, unsigned int);
    text words;
    int64_t words_size;
    unsigned char *room;
    int64_t most;
} inflater;

typedef struct {
    /* Columns that are known: `names` one behind another from at[i] to at[i + 1], of node node[i]; `table` of mask + 1 places finds them. */
    text names;
    const int64_t *at;
    const int32_t *node;
    int32_t *table;
    int64_t mask;
} known;

typedef struct {
    int32_t *which;   /* by column: its number among the known */
    int64_t *counts;  /* by column: readings */
    int64_t *steps;   /* by reading: ms since 1970, then from one to the next */
    double *values;
    uint8_t *flags;
    int64_t columns, readings; /* how many there are */
    int64_t most;     /* of both: how many there is room for */
    int64_t flagged;  /* whether any column says its flags */
} columns;

static uint64_t hash(uint64_t seed, text from, int64_t size) {
    uint64_t h = (seed + 1) * 0x9E3779B97F4A7C15u;
    uint64_t word;
    for (; size >= 8; from += 8, size -= 8) {
        memcpy(&word, from, 8);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
    }
    for (word = 0; size > 0; size--) word = word << 8 | *from++;
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 32;
}

/* Fill the table, whose places all hold -1. */
void usual_index(known *k, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        uint64_t place = hash((uint64_t)k->node[i], k->names + k->at[i], k->at[i + 1] - k->at[i]) & (uint64_t)k->mask;
        while (k->table[place] >= 0) place = (place + 1) & (uint64_t)k->mask;
        k->table[place] = (int32_t)i;
    }
}

static int32_t find(const known *k, int32_t node, text from, int64_t size) {
    uint64_t place = hash((uint64_t)node, from, size) & (uint64_t)k->mask;
    for (; k->table[place] >= 0; place = (place + 1) & (uint64_t)k->mask) {
        int32_t i = k->table[place];
        if (k->node[i] == node && k->at[i + 1] - k->at[i] == size && !memcmp(k->names + k->at[i], from, (size_t)size)) return i;
    }
    return -1;
}

static text skip(text p, const char *word) {
    for (; *word; word++, p++)
        if (*p != (unsigned char)*word) return 0;
    return p;
}

/* A whole number of at most 18 digits. */
static text whole(text p, int64_t *out) {
    int negative = *p == '-';
    p += negative;
    text first = p;
    int64_t n = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (p - first >= 18) return 0;
        n = 10 * n + (*p - '0');
    }
    if (p == first || (*first == '0' && p - first > 1) || *p == '.' || *p == 'e' || *p == 'E') return 0;
    *out = negative ? -n : n;
    return p;
}

static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A number whose digits fit into a double and whose power of ten does too: then one rounding gives the nearest double, as any exact
   reader does (W. D. Clinger, "How to read floating point numbers accurately", 1990). Others are left to such a reader. */
static text number(text p, double *out) {
    int negative = *p == '-';
    p += negative;
    text first = p;
    uint64_t n = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (p - first >= 18) return 0;
        n = 10 * n + (uint64_t)(*p - '0');
    }
    if (p == first || (*first == '0' && p - first > 1)) return 0;
    int64_t power = 0;
    if (*p == '.') {
        text point = ++p;
        for (; *p >= '0' && *p <= '9'; p++) {
            if (p - first >= 19) return 0;
            n = 10 * n + (uint64_t)(*p - '0');
        }
        if (p == point) return 0;
        power = point - p;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        int down = *p == '-';
        p += down || *p == '+';
        text digits = p;
        int64_t e = 0;
        for (; *p >= '0' && *p <= '9'; p++) {
            if (p - digits >= 3) return 0;
            e = 10 * e + (*p - '0');
        }
        if (p == digits) return 0;
        power += down ? -e : e;
    }
    if (n >= (uint64_t)1 << 53 || power > 22 || power < -22) return 0;
    double v = power < 0 ? (double)n / tens[-power] : (double)n * tens[power];
    *out = (negative ? -v : v) + 0.0; /* -0.0 and 0.0 are one value */
    return p;
}

/* Letters without anything that JSON writes otherwise, up to the quotation mark. */
static text plainly(text p) {
    while (*p >= 0x20 && *p < 0x7f && *p != '"' && *p != '\\') p++;
    return *p == '"' ? p : 0;
}

/* One column, behind its opening brace; gives what follows its closing one. */
static text column(text p, text end, const known *k, int32_t node, columns *c) {
    if (c->columns >= c->most || !(p = skip(p, "\"n\":"))) return 0;
    text name = p;
    /* Up to ,"t": - the known names hold no such text, so wherever it is found first is right or nothing is. */
    for (;; p++) {
        p = memchr(p, ',', (size_t)(end - p));
        if (!p) return 0;
        if (p[1] == '"' && p[2] == 't' && p[3] == '"' && p[4] == ':') break;
    }
    int32_t found = find(k, node, name, p - name);
    if (found < 0) return 0;
    int64_t first = c->readings, at = first;
    if (at >= c->most || !(p = whole(p + 5, &c->steps[at])) || !(p = skip(p, ",\"v\":["))) return 0;
    for (;;) {
        if (at >= c->most || !(p = number(p, &c->values[at]))) return 0;
        c->flags[at++] = 1;
        if (*p == ']') break;
        if (*p++ != ',') return 0;
    }
    p++;
    int64_t count = at - first, place = first + 1;
    if (count > 1) {
        if (!(p = skip(p, ",\"dt\":["))) return 0;
        for (;;) {
            if (place >= at || !(p = whole(p, &c->steps[place]))) return 0;
            place++;
            if (*p == ']') break;
            if (*p++ != ',') return 0;
        }
        p++;
        if (place != at) return 0;
    }
    if (*p == ',') {
        if (!(p = skip(p, ",\"q\":["))) return 0;
        for (place = first;;) {
            if (place >= at || !(*p == '1' || *p == '2' || *p == '3' || *p == '4' || *p == '9')) return 0;
            c->flags[place++] = (uint8_t)(*p++ - '0');
            if (*p == ']') break;
            if (*p++ != ',') return 0;
        }
        p++;
        if (place != at) return 0;
        c->flagged = 1;
    }
    if (*p != '}') return 0;
    c->which[c->columns] = found;
    c->counts[c->columns++] = count;
    c->readings = at;
    return p + 1;
}

/* The JSON in a payload, and where it ends; 0 for what is damaged, too long, or needs a zlib that is not there. */
static text plain(text payload, int64_t size, inflater *f, text *end) {
    if (*payload != 'x') {
        *end = payload + size;
        return payload;
    }
    if (!f->room || f->reset(&f->z)) return 0;
    f->z.next_in = payload, f->z.avail_in = (unsigned int)size;
    f->z.next_out = f->room, f->z.avail_out = (unsigned int)f->most;
    int said = f->inflate(&f->z, FINISH);
    if (said == NEED_DICTIONARY && !f->dictionary(&f->z, f->words, (unsigned int)f->words_size)) said = f->inflate(&f->z, FINISH);
    if (said != STREAM_END) return 0;
    *f->z.next_out = 0;
    *end = f->z.next_out;
    return f->room;
}

static int pack(text p, text end, const known *k, int32_t node, columns *c, int64_t *seq, char *epoch) {
    if (!(p = skip(p, "{\"v\":1,\"epoch\":\""))) return 0;
    text from = p;
    while ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')) p++;
    if (p - from < 8 || p - from > EPOCH) return 0;
    memset(epoch, 0, EPOCH);
    memcpy(epoch, from, (size_t)(p - from));
    int64_t up;
    if (!(p = skip(p, "\",\"seq\":")) || !(p = whole(p, seq)) || *seq < 1) return 0;
    if (!(p = skip(p, ",\"boot\":\"")) || !(p = plainly(p)) || !(p = skip(p, "\",\"clock\":{\"synchronised\":true,\"up\":"))) return 0;
    if (!(p = whole(p, &up)) || !(p = skip(p, "},\"series\":["))) return 0;
    for (;;) {
        if (*p++ != '{' || !(p = column(p, end, k, node, c))) return 0;
        if (*p == ']') break;
        if (*p++ != ',') return 0;
    }
    return p[1] == '}' && p + 2 == end;
}

/* By pack: `payloads` of `sizes` bytes; out: seq, epoch, columns and readings. A pack that is not usual has no columns, and leaves none.
   Gives how many packs were looked at: fewer than there are when there is no room for `most` readings more. */
int64_t usual_take(const known *k, inflater *f, int64_t packs, const text *payloads, const int64_t *sizes, const int32_t *nodes,
                   int64_t most, columns *c, int64_t *seqs, char *epochs, int64_t *column_counts, int64_t *reading_counts) {
    int64_t i = 0;
    for (; i < packs && c->most - c->readings >= most; i++) {
        int64_t begun = c->columns, first = c->readings;
        text end = 0, json = plain(payloads[i], sizes[i], f, &end);
        if (!json || !pack(json, end, k, nodes[i], c, &seqs[i], epochs + EPOCH * i) || c->readings - first > most) {
            c->columns = begun;
            c->readings = first;
        }
        column_counts[i] = c->columns - begun;
        reading_counts[i] = c->readings - first;
    }
    return i;
}
