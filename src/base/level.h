/* level.h - how much a message weighs: a list (packaging/members.mk). */
#ifndef SP_BASE_LEVEL_H
#define SP_BASE_LEVEL_H

typedef enum sp_level {
    SP_NOTE = 0, /* worth knowing; nothing is wrong */
    SP_WARNING,  /* something did not go the way the author meant; the prompt is built all the same */
    SP_FINDING,  /* the client's rules refuse this, or it is not safe: the prompt can be built but should not be used */
} sp_level;

#endif
