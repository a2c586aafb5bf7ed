/* vocab-pack - for maintainers: FILE.tiktoken to FILE.pairs. See README.md.
 *
 *   vocab-pack cl100k_base.tiktoken cl100k_base.pairs
 */
#include "pairs.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        fail("usage: vocab-pack IN.tiktoken OUT.pairs");
    vocab v;
    vocab_read_tiktoken(&v, argv[1]);
    vocab_split(&v);
    size_t len;
    uint8_t *packed = pairs_pack(&v, &len);
    write_file(argv[2], packed, len);
    free(packed);
    return 0;
}
