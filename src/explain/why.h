/* why.h - what why.c, which finds out what is asked about, and why_not.c, which explains what nothing asked for, share.
 */
#ifndef SP_WHY_H
#define SP_WHY_H

#include "base/types.h"
#include "load/imports.h"
#include "model/prompt.h"

/* What a path leads to. */
typedef struct sp_why_target {
    sp_str path; /* absolute */
    sp_file file;
    uint32_t source; /* SP_NONE: none is that file */
} sp_why_target;

/* Finds what is at the path, as it is written, relative to the current directory or to the launch directory. */
SP_MUST_USE sp_status sp_why_look_up(const sp_loader *loader, sp_str path, sp_why_target *ret, sp_err *err);

/* An @path that is no import, for what stands around it. */
typedef struct sp_why_mention {
    sp_str path;
    sp_rule_key rule;
    const char *why;
} sp_why_mention;

/* What stands at offset at of a loaded source, where there is an @. False: nothing that looks like a path. */
bool sp_why_read_mention(const sp_loader *loader, uint32_t source, size_t at, sp_why_mention *ret);

/* Where the line begins and ends, with its line end. */
sp_span sp_why_line_span(sp_str text, uint32_t line);

/* A file that is no source, and what is said of it. */
typedef struct sp_why_question {
    sp_loader *loader;
    const sp_docs *docs;
    const sp_why_target *target;
    sp_why *why;
} sp_why_question;

/* Sets why, and the rule where the profile has it. why.ptr NULL means out of memory, the only failure. */
SP_MUST_USE static inline sp_status sp_why_answer(const sp_why_question *q, sp_rule_key rule, sp_str why, sp_err *err)
{
    if (!why.ptr)
        return sp_err_memory(err);
    if (sp_rule_holds(q->loader->here->profile, rule))
        q->why->rule = rule;
    q->why->why = why;
    return SP_OK;
}

/* Sets the advice, in the same way. */
SP_MUST_USE static inline sp_status sp_why_advise(const sp_why_question *q, sp_str advice, sp_err *err)
{
    q->why->advice = advice;
    return advice.ptr ? SP_OK : sp_err_memory(err);
}

/* why_listed.c: answer for a file among the agents, or among the skills, that the client knows or skips. */
SP_MUST_USE sp_status sp_why_explain_agent(const sp_why_question *q, sp_err *err);
SP_MUST_USE sp_status sp_why_explain_skill(const sp_why_question *q, sp_err *err);

/* Fills in why and advice of docs->why for a target that is no source. */
SP_MUST_USE sp_status sp_why_explain_absence(sp_loader *loader, sp_docs *docs, const sp_why_target *target,
                                             sp_err *err);

/* Fills in why->front for the text of a file with front matter; does nothing for kinds whose front matter the profile
 * does not read, for a line after the front matter, and where text.ptr is NULL. */
SP_MUST_USE sp_status sp_why_read_front(sp_loader *loader, sp_source_kind kind, sp_str text, sp_why *why, sp_err *err);

#endif
