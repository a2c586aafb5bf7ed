/*
 * yaml_events.h - libyaml's events one by one, each with the place where it stands.
 *
 *   sp_yaml_events events;
 *   sp_yaml_event event;
 *   if (!sp_yaml_events_open(&events, text, begin, end))
 *       return sp_err_memory(err);
 *   while (!is_done && sp_yaml_events_next(&events, &event))
 *       is_done = event.kind == SP_YAML_END || ...;
 *   sp_yaml_events_close(&events);
 *
 * Events and not documents, because libyaml's builder of documents is quadratic in anchors. libyaml 0.2.5 is quadratic
 * on nested flow as well (64 KiB of "[" take it four seconds), so whoever asks for events stops at a limit of depth
 * before asking for the next one.
 */
#ifndef SP_YAML_EVENTS_H
#define SP_YAML_EVENTS_H

#include "base/types.h"
#include "syntax/front_matter_parts.h"
#include "syntax/yaml_marks.h"

#include <yaml.h>

typedef enum sp_yaml_event_kind {
    SP_YAML_NOTHING, /* that a reader has to know of */
    SP_YAML_DOCUMENT,
    SP_YAML_SCALAR,
    SP_YAML_ALIAS, /* of an anchor; whoever reads aliases counts what they repeat */
    SP_YAML_OPEN_LIST,
    SP_YAML_OPEN_MAPPING,
    SP_YAML_CLOSE, /* the list or mapping that was opened last */
    SP_YAML_END,   /* nothing follows */
} sp_yaml_event_kind;

typedef struct sp_yaml_fault {
    const char *what; /* as in sp_yaml_problem */
    const char *fix;
} sp_yaml_fault;

typedef struct sp_yaml_event {
    sp_yaml_event_kind kind;
    size_t offset;              /* into the text */
    sp_str text;                /* of a scalar; borrowed until the next event */
    bool is_plain;              /* a scalar without quotes */
    bool is_null;               /* a plain one that is empty, ~ or null */
    sp_str anchor;              /* of a scalar, list or mapping that has one, or of an alias; borrowed as the text */
    const sp_yaml_fault *fault; /* what makes this no YAML for clients, though libyaml reads it; NULL: nothing */
    const char *refused; /* "an anchor (&name)", a tag or an alias, which not all clients read; NULL: none is here */
} sp_yaml_event;

typedef struct sp_yaml_events {
    yaml_parser_t parser;
    yaml_event_t event; /* the last one */
    size_t flow_depth;  /* open collections from the outermost one in brackets on */
    size_t flow_begin;  /* where that one begins */
    sp_yaml_marks marks;
} sp_yaml_events;

/* For text[begin..end), which is borrowed until sp_yaml_events_close. False: no memory, and nothing to close. */
bool sp_yaml_events_open(sp_yaml_events *events, sp_str text, size_t begin, size_t end);

/* False: what follows is not YAML, or there was no memory; sp_yaml_events_explain knows. */
bool sp_yaml_events_next(sp_yaml_events *events, sp_yaml_event *ret);

/* What is wrong, in our words. sigil_offset as in sp_yaml_complaint. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_yaml_events_explain(sp_yaml_events *events, sp_arena *arena, size_t sigil_offset,
                                             sp_yaml_problem *ret, sp_err *err);

void sp_yaml_events_close(sp_yaml_events *events);

#endif
