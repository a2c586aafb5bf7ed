/* composer.h - what the files of compose/ share: the prompt as it grows. */
#ifndef SP_COMPOSER_H
#define SP_COMPOSER_H

#include "base/types.h"
#include "compose/compose.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/wording.h"

/* An offset of a source whose line is known, so that lines are counted once from left to right. */
typedef struct sp_line_cursor {
    uint32_t source;
    uint32_t line;
    size_t at;
} sp_line_cursor;

/* A run of files around which learned wording stands; class.ptr NULL: none has begun. */
typedef struct sp_learned_run {
    sp_run_family family;
    sp_str class;    /* of the last file, */
    uint32_t source; /* and which that is */
} sp_learned_run;

typedef struct sp_composer {
    sp_arena *arena;
    const sp_profile *profile;
    const sp_docs *docs;
    sp_diags *diags;
    sp_list(sp_segment) segments;
    sp_list(sp_cut) cuts;
    sp_role role;           /* of the segments that are added now */
    uint32_t frame;         /* the source whose header stands above them, or SP_NONE */
    size_t message_begin;   /* the first segment of the message that grows now */
    uint32_t memory_source; /* the memory file that is written now, or SP_NONE */
    sp_line_cursor cursor;  /* where the last slice or cut ended; line is 0 before the first */
    uint32_t *first_import; /* of each source, or SP_NONE; only where imports stand in their @path's place */
    uint32_t *next_import;  /* of the same importer, in the order of its text */
    bool has_file;          /* an instruction file is in the message */
    size_t chain_bytes;     /* of the project's instruction files so far */
    sp_prompt *prompt;      /* which messages go to */
    sp_layout layout;
    bool is_learned; /* own text that is added now was learned from the client */
    sp_learned_run run;
    unsigned trailing_newlines; /* at the end of it; 2 stands for two or more */
} sp_composer;

/* Adds text of our own. Empty text adds nothing. U+FFFD takes the place of each maximal subpart that is not UTF-8, and
 * of each NUL where the client sends none. */
SP_MUST_USE sp_status sp_compose_own(sp_composer *composer, sp_segment_kind kind, sp_str text, sp_err *err);
/* The same for a marker in the place of what a source has at offset at: it goes with the block there. */
SP_MUST_USE sp_status sp_compose_marker(sp_composer *composer, uint32_t source, size_t at, sp_str text, sp_err *err);
/* Ends the line, if one is begun. */
SP_MUST_USE sp_status sp_compose_line_end(sp_composer *composer, sp_err *err);
/* One blank line between what is there and what follows. Nothing at the beginning of a message. */
SP_MUST_USE sp_status sp_compose_gap(sp_composer *composer, sp_err *err);
/* Adds bytes begin to end of a source, a segment for each leaf block. Block comments become cuts where the file's
 * are stripped, and bytes that are not UTF-8 become cuts with U+FFFD in their place. */
SP_MUST_USE sp_status sp_compose_slice(sp_composer *composer, uint32_t source, sp_segment_kind kind, size_t begin,
                                       size_t end, sp_err *err);
/* Leaves bytes begin to end of a source out. An empty range is no cut. */
SP_MUST_USE sp_status sp_compose_cut(sp_composer *composer, uint32_t source, size_t begin, size_t end, sp_rule_key rule,
                                     sp_str why, sp_err *err);

/* Puts the segments since the last call into a message. A message without text is none. */
SP_MUST_USE sp_status sp_compose_end_message(sp_composer *composer, sp_role role, sp_err *err);
/* The same after a run of files that the client sends as one text, where the layout has several messages. */
SP_MUST_USE sp_status sp_compose_end_run(sp_composer *composer, sp_err *err);

/* Where the client's wording was learned (docs->wording): what stands before this file, the next of the run or the
 * first of one. */
SP_MUST_USE sp_status sp_learned_enter(sp_composer *composer, sp_run_family family, uint32_t index, sp_err *err);
/* What stands after the last file of the run, if one has begun; the run ends. */
SP_MUST_USE sp_status sp_learned_leave(sp_composer *composer, sp_err *err);
/* The same, as after a file of another class: one that is missing. */
SP_MUST_USE sp_status sp_learned_leave_as(sp_composer *composer, sp_str class, sp_err *err);
/* After a file that loads on demand: where the client sends each as a text of its own, the run ends. */
SP_MUST_USE sp_status sp_learned_leave_touched(sp_composer *composer, sp_err *err);
/* What the client says after a memory file that it cut. *ret_is_known: false where that was not learned. */
SP_MUST_USE sp_status sp_learned_cut(sp_composer *composer, uint32_t index, bool *ret_is_known, sp_err *err);
/* What of a file's text up to end is sent: the client may take white space off. */
sp_span sp_learned_span(const sp_composer *composer, sp_run_family family, uint32_t index, size_t end);

/* Bytes begin to end of a source without white space at either end, as JavaScript trims it once comments are out. All
 * of them where there is nothing else. */
sp_span sp_compose_trim(const sp_source *source, size_t begin, size_t end);
/* Omits white space at the ends of a source's text, and comments in it. */
SP_MUST_USE sp_status sp_compose_cut_blank(sp_composer *composer, uint32_t index, size_t begin, size_t end,
                                           sp_rule_key rule, sp_err *err);

/* Leaves out what stands before the text of a source: front matter, or a byte order mark. */
SP_MUST_USE sp_status sp_compose_cut_front(sp_composer *composer, uint32_t source, sp_err *err);

/* The beginning of the character that offset at lies in, not before the other offset; at itself among bytes that are
 * none. */
size_t sp_compose_character_begin(sp_str text, size_t at, size_t not_before);

/* Where the comment that is not sent begins and ends, at or after offset at; false when there is none. */
bool sp_compose_next_comment(const sp_parsed *parsed, size_t at, sp_span *ret);

/* A character of a memory file that is not sent, and whether a line end takes its place. */
typedef struct sp_unclean {
    sp_span at;
    bool is_line_end;
} sp_unclean;

/* The first such character in bytes at to end of a text; false when there is none. */
bool sp_compose_next_unclean(sp_str text, size_t at, size_t end, sp_unclean *ret);

/* The agent's body. */
SP_MUST_USE sp_status sp_compose_body(sp_composer *composer, sp_err *err);
/* The memory section. */
SP_MUST_USE sp_status sp_compose_memory(sp_composer *composer, sp_err *err);
/* The session's memory in the prompt of an agent: its text, or nothing. */
SP_MUST_USE sp_status sp_compose_session_memory(sp_composer *composer, sp_err *err);
/* Whether there is memory text to show. */
bool sp_compose_has_memory_text(const sp_composer *composer);
/* Of the environment section, the git status and the text that options append, those that the system prompt has. */
SP_MUST_USE sp_status sp_compose_environment(sp_composer *composer, sp_err *err);
/* Leaves an agent's front matter out, but for what the first turn has of it. */
SP_MUST_USE sp_status sp_compose_cut_agent_front(sp_composer *composer, sp_err *err);
/* The first turn of a session that is started as an agent, if there is one. */
SP_MUST_USE sp_status sp_compose_first_turn(sp_composer *composer, sp_err *err);
/* The skills that are preloaded, each with its header, and the first turn; before and after them the sections that are
 * sent there. */
SP_MUST_USE sp_status sp_compose_skills(sp_composer *composer, sp_err *err);
/* The instruction files, each with its header: those that load at the start, or those that load on demand. */
SP_MUST_USE sp_status sp_compose_instructions(sp_composer *composer, bool on_demand, sp_err *err);
/* The table of rules that wait for a file, for a client that sends one. */
SP_MUST_USE sp_status sp_compose_rules_table(sp_composer *composer, sp_err *err);

/* Whether bytes begin to end of a source hold nothing but white space once what is not sent is out. */
bool sp_compose_is_blank(const sp_source *source, size_t begin, size_t end);

#endif
