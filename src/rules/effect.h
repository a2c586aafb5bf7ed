/* effect.h - how a rule bites: a list (packaging/members.mk). */
#ifndef SP_RULES_EFFECT_H
#define SP_RULES_EFFECT_H

typedef enum sp_effect {
    SP_EFFECT_ORDER,  /* decides what loads, and where it stands */
    SP_EFFECT_CUT,    /* leaves out a part of a file */
    SP_EFFECT_SKIP,   /* leaves out a whole file */
    SP_EFFECT_REFUSE, /* the client would not start this agent */
    SP_EFFECT_WARN,   /* only says something */
    SP_EFFECT_NONE,   /* the rule of another profile does not hold in this one */
} sp_effect;

#endif
