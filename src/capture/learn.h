/*
 * learn.h - the wording of a client around files, taken from requests of which the files are known.
 *
 *   sp_learner learner = { .arena = arena };
 *   for each request ... SP_TRY(sp_learn_add(&learner, &run, err));
 *   SP_TRY(sp_learn_finish(&learner, &wording, &told, err));
 *
 * The captured requests must have their client text (sp_capture_request.with_client_text). What is learned is
 * private: sp_wording says where it may go.
 */
#ifndef SP_CAPTURE_LEARN_H
#define SP_CAPTURE_LEARN_H

#include "base/base.h"
#include "base/types.h"
#include "capture/result.h"
#include "model/source.h"
#include "rules/wording.h"

typedef enum sp_seen_place {
    SP_SEEN_BEGIN,   /* before the first file of a run, */
    SP_SEEN_BETWEEN, /* between two, */
    SP_SEEN_END,     /* after the last one */
} sp_seen_place;

/* A text of the client's that was seen, with placeholders. */
typedef struct sp_seen {
    sp_seen_place place;
    sp_run_family family;
    sp_str before; /* class; ptr NULL: begins */
    sp_str class;  /* ptr NULL: ends */
    sp_str text;
    const sp_memory_cut *cut; /* of the file before; NULL: all of it is there */
    sp_str model;             /* of an agent's request; ptr NULL: it names none */
    sp_str alias;             /* the model as the agent names it */
} sp_seen;

typedef sp_list(sp_seen) sp_seen_list;

/* What white space at the ends of files became of. */
typedef struct sp_seen_trims {
    bool begin_known;
    bool end_known;
    sp_wording_trims trims;
} sp_seen_trims;

typedef struct sp_learner {
    sp_arena *arena;
    sp_seen_list seen;
    sp_seen_list cuts;       /* after a memory file that was cut */
    sp_seen_list agent_ends; /* after an agent's run, for all models, */
    sp_str model;            /* of which this was the first */
    sp_seen_trims trims[SP_RUN_COUNT];
    bool is_partial[SP_RUN_COUNT]; /* not all around its files is the same each time */
    bool is_separate;              /* a request has several texts with files that load on demand */
    size_t texts;                  /* that have files */
    size_t differing;              /* places where texts that should be the same are not */
} sp_learner;

/* A request of which the files are known. */
typedef struct sp_learn_run {
    const sp_captured *captured;
    sp_wording_place place;
    sp_str ending; /* the class that the end of an agent's run belongs to where its memory has no text, or ptr NULL */
    sp_str etc;    /* the directory whose files the client had in /etc, or ptr NULL */
    bool is_chain_last; /* no text of the client follows the instructions: their end alone is learned */
} sp_learn_run;

/* Adds what a request shows. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_learn_add(sp_learner *learner, const sp_learn_run *run, sp_err *err);
/* The texts; client, version and folder are the caller's to set. */
SP_MUST_USE sp_status sp_learn_finish(sp_learner *learner, sp_wording *ret, sp_err *err);
/* The manifest of those texts, as JSON. ptr NULL: memory is short. */
sp_str sp_learn_manifest(sp_arena *arena, const sp_wording *wording);

#endif
