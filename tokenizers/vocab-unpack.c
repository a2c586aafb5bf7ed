/* vocab-unpack - FILE.pairs back to the bytes of FILE.tiktoken, which the build then checks by SHA-256.
 *
 *   vocab-unpack p50k_base.pairs p50k_base.tiktoken [COUNT]
 *
 * COUNT writes only the ranks below it: r50k_base is the first 50,256 of p50k_base.
 */
#include "pairs.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        fail("usage: vocab-unpack IN.pairs OUT.tiktoken [COUNT]");
    size_t len;
    uint8_t *packed = read_file(argv[1], &len);
    vocab v;
    pairs_unpack(&v, packed, len);
    free(packed);
    uint32_t count = v.count;
    if (argc == 4) {
        unsigned long wanted = strtoul(argv[3], NULL, 10);
        if (wanted == 0 || wanted > count)
            fail("there are %u ranks, not %s", count, argv[3]);
        count = (uint32_t)wanted;
    }
    vocab_write_tiktoken(&v, count, argv[2]);
    return 0;
}
