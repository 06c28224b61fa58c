/* Walks a hive with libhivex: keys, values and bytes of data. The prototypes are those of hivex.h, so that the library alone
 * is enough: gcc -O2 hivex_walk.c -l:libhivex.so.0 */
#include <stdio.h>
#include <stdlib.h>

typedef struct hive_h hive_h;
hive_h *hivex_open(const char *, int);
size_t hivex_root(hive_h *);
char *hivex_node_name(hive_h *, size_t);
size_t *hivex_node_children(hive_h *, size_t);
size_t *hivex_node_values(hive_h *, size_t);
char *hivex_value_key(hive_h *, size_t);
char *hivex_value_value(hive_h *, size_t, int *, size_t *);

static unsigned long keys, values, bytes;

static void walk(hive_h *hive, size_t node)
{
    keys++;
    free(hivex_node_name(hive, node));
    size_t *list = hivex_node_values(hive, node);
    for (size_t *value = list; value && *value; value++) {
        int type;
        size_t len = 0;
        free(hivex_value_key(hive, *value));
        free(hivex_value_value(hive, *value, &type, &len));
        values++;
        bytes += len;
    }
    free(list);
    list = hivex_node_children(hive, node);
    for (size_t *child = list; child && *child; child++)
        walk(hive, *child);
    free(list);
}

int main(int argc, char **argv)
{
    hive_h *hive = argc == 2 ? hivex_open(argv[1], 0) : NULL;
    if (!hive) {
        perror("hivex_walk HIVE");
        return 2;
    }
    walk(hive, hivex_root(hive));
    printf("%lu keys, %lu values, %lu bytes\n", keys, values, bytes);
    return 0;
}
