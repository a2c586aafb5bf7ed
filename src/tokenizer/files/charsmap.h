/*
 * charsmap.h - SentencePiece's table of what characters become ("precompiled_charsmap"), as the normalizer Precompiled
 * of a tokenizer.json has it: that of T5, XLM-RoBERTa, mBART, ALBERT and what is made of them.
 */
#ifndef SP_VOCABULARY_CHARSMAP_H
#define SP_VOCABULARY_CHARSMAP_H

#include "base/types.h"
#include "tokenizer/files/flow.h"

typedef struct sp_charsmap sp_charsmap;

/* Reads one in base64. It lives in the arena. SP_ERR_INPUT for what is none: the message is a sentence without its
 * subject. */
SP_MUST_USE sp_status sp_charsmap_read(sp_arena *arena, sp_str base64, sp_charsmap **ret, sp_err *err);

/* Whether it leaves letters and digits of ASCII as they are, and blanks whatever stands behind them: so what follows
 * may be cut before a blank that follows one of them. */
bool sp_charsmap_keeps_words(const sp_charsmap *map);

/* What from becomes, added to out. */
void sp_charsmap_apply(const sp_charsmap *map, sp_view from, sp_flow *out);

#endif
