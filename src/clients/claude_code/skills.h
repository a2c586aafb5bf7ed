/*
 * skills.h - every skill and command of every place, in the order in which the client asks them for a name.
 *
 *   sp_found_skills found;
 *   SP_TRY(sp_skills_find(loader, &found, err));
 *
 * One function for `list --skills`, which shows them all, and for the skills that an agent preloads.
 */
#ifndef SP_SKILLS_H
#define SP_SKILLS_H

#include "base/types.h"
#include "model/profile.h"
#include "model/request.h"
#include "model/skill_list.h"
#include "sources/loader.h"

typedef struct sp_found_skill {
    sp_listed_skill listed; /* but for what counting fills in */
    sp_str path;            /* absolute */
    sp_str folder_name;     /* of a skill: what its folder is called */
    sp_file file;
    size_t body_begin;
    sp_str_list arguments; /* the names that its front matter gives them */
    unsigned group;        /* of a client's table: the launch directory, those above it, a place of the user's */
    unsigned rank;         /* the place in a list that is in the order of places */
    sp_diags diags;        /* about this file */
} sp_found_skill;

typedef struct sp_found_skills {
    sp_found_skill *items;
    size_t count;
    size_t capacity;
} sp_found_skills;

/* Finds and reads them, and settles who has which name. What is wrong with a single file is told by that file. Errors:
 * SP_ERR_INPUT for a folder that cannot be listed, and for a plugin that cannot be read. */
SP_MUST_USE sp_status sp_skills_find(sp_loader *loader, sp_found_skills *ret, sp_err *err);

/* Whether a link that leads out of the repository keeps that skill, or directory of them, from being read. */
bool sp_skill_is_external(const sp_found_skill *skill);
/* Says it, for each of them. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_skills_report(const sp_found_skills *all, sp_diags *diags, sp_err *err);

/* Reads the front matter of the skill in file, with its description and what keeps the model from seeing it. */
SP_MUST_USE sp_status sp_skill_read(sp_loader *loader, sp_found_skill *skill, sp_err *err);

/* The skills that the agent lists. */
SP_MUST_USE sp_status sp_load_skills(sp_loader *loader, sp_err *err);

/* Marks the descriptions that the client omits where the listing is over its budget and none of the skills was used
 * yet: built_in_chars are those of the skills that come with it, entry_chars what each entry has beside its name and
 * description. */
void sp_skills_omit(sp_skill_list *list, size_t built_in_chars, size_t entry_chars);
/* The characters that the whole listing would have without a limit. */
size_t sp_skill_list_needs(const sp_skill_list *list);

/* Makes a list of them, but for the counts of tokens: with the budget of their listing (characters, with the sentence
 * that says where it comes from) and the session's model. Lives in the loader's arena. Errors as for
 * sp_skill_list_build. */
SP_MUST_USE sp_status sp_skills_list(sp_loader *loader, const sp_found_skills *found, sp_skill_list *ret, sp_err *err);

#endif
