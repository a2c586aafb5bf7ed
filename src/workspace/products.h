/* products.h - what commands ask for: prompts, lists, a check, a comparison. Each is made from a workspace. */
#ifndef SP_WORKSPACE_PRODUCTS_H
#define SP_WORKSPACE_PRODUCTS_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "check/result.h"
#include "diff/result.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/request.h"
#include "model/skill_list.h"
#include "trim/budget.h"

/* Finds a commit in the git repository around request's launch_dir; home_dir and root_dir count as well. revision is
 * whatever git takes for one commit: a branch, a tag, HEAD~3, the beginning of an id. Set in a request, it makes the
 * files under version control those of the commit, as git stores them: filters and conversions of line ends are not
 * applied, a submodule is an empty folder, and what is neither in the commit nor ignored by git is not there. What lies
 * outside of the repository, what git ignores, and the home directory stay those of the disk. Git is run, but nothing
 * that its configuration names, and nothing is fetched or written. On success *ret is the caller's, to be dropped with
 * sp_revision_free (NULL is fine); one thread at a time may use it. Errors: SP_ERR_INPUT for a name that is not known,
 * with the nearest branch or tag, where git is not installed, there is no repository, or none that git trusts or that
 * lies in root_dir. */
SP_MUST_USE sp_status sp_revision_open(const sp_request *request, const char *revision, sp_revision **ret, sp_err *err);

void sp_revision_free(sp_revision *revision);

/* Builds the prompt: loads what the client would read, composes it, counts it. On success *ret_prompt is the
 * caller's, to be dropped with sp_prompt_free; it borrows nothing from the request. A prompt may be built and still
 * hold diagnostics of level SP_FINDING. Errors: SP_ERR_USAGE for a request that contradicts itself, such as a
 * launch_dir outside root_dir; SP_ERR_INPUT for an agent that is not found, for files and folders that cannot be read,
 * for a file named outside root_dir and home_dir, for a line of why that its file does not have, and for a message of
 * 4 GiB and more; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_prompt_build(const sp_request *request, sp_prompt **ret_prompt, sp_err *err);

void sp_prompt_free(sp_prompt *prompt);

/* Puts other bytes in the place of wording that was learned from a client, so that no writer can print it. What counts
 * or trims the text comes before. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_prompt_mask(sp_prompt *prompt, sp_err *err);

/* Finds what has to go so that prompt has at most budget_tokens (of an estimate that is the upper bound of its range,
 * unless the request's bound says otherwise), and sets prompt->trim; it lives as long as the prompt.
 * There is one order in which text is taken away, which does not depend on the budget (priority; then the project's
 * files from the root down, imports before the file that asks for them, in a file the later text first; a heading right
 * after the last text below it), and the shortest beginning of it with which the recounted text fits is cut. A marker
 * stands where something was cut. When it is called again, it begins with the whole prompt again. Fails only with
 * SP_ERR_NO_MEMORY, and then the prompt is what it was. */
SP_MUST_USE sp_status sp_prompt_trim(sp_prompt *prompt, size_t budget_tokens, sp_trim_mode mode, sp_err *err);

/* Compares a prompt with a lock, the bytes of a file at path. *ret are diagnostics of level SP_FINDING, one for each
 * input and value that differs, none when all is the same; they live as long as the prompt. Errors: SP_ERR_INPUT for
 * what is no lock; SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_lock_compare(const sp_prompt *prompt, sp_str lock, sp_str path, const sp_diagnostic **ret,
                                      size_t *ret_count, sp_err *err);

/* Lists every agent of every place the client looks at: managed, agents_json, project, added directories, user,
 * plugins. Of the request, agent, agent_text, the named files, texts_dir and layout do not matter. On success *ret_list
 * is the caller's, to be dropped with sp_agent_list_free; it borrows nothing from the request. Two agents of one name
 * in one folder are a diagnostic of level SP_FINDING. Errors: as for sp_prompt_build.
 */
SP_MUST_USE sp_status sp_agent_list_build(const sp_request *request, sp_agent_list **ret_list, sp_err *err);

void sp_agent_list_free(sp_agent_list *list);

/* Lists every skill and command of every place the client looks at, and what of their descriptions the session lists;
 * those that come with the client are not known. The request is read as by sp_agent_list_build. On success *ret_list is
 * the caller's, to be dropped with sp_skill_list_free; it borrows nothing from the request. Errors: as for
 * sp_prompt_build; SP_ERR_USAGE for a client without skills. */
SP_MUST_USE sp_status sp_skill_list_build(const sp_request *request, sp_skill_list **ret_list, sp_err *err);

void sp_skill_list_free(sp_skill_list *list);

/* Loads and composes what the targets start with, and gathers what speaks against it: everything that sp_prompt_build
 * and sp_agent_list_build say, and what a client passes over in silence. On success *ret_check is the caller's, to be
 * dropped with sp_check_free (NULL is fine); it borrows nothing from the request. Errors: SP_ERR_INPUT for a target
 * that is not there; else as for sp_prompt_build. With api also those of sp_api_count_prompt, and SP_ERR_USAGE where
 * nothing names a model, or a budget compares with a baseline, whose numbers were counted here. */
SP_MUST_USE sp_status sp_check_run(const sp_check_request *request, sp_check **ret_check, sp_err *err);

void sp_check_free(sp_check *check);

/* Builds the prompts of two sides and says what became of every file and heading. What is the same text under the same
 * heading is matched first, then the same heading, then the same text elsewhere, then a heading whose name is nowhere
 * else. Both sides are counted with the request's encoding, else with that of a saved result, else with what the new
 * prompt is counted with; with all_agents all prompts with that of the main session. On success *ret_diff is the
 * caller's, to be dropped with sp_diff_free (NULL is fine); it borrows nothing from the request. Errors: SP_ERR_USAGE
 * for sides that cannot be compared; SP_ERR_INPUT for one that is not there, and for a saved result that is none; else
 * as for sp_prompt_build and sp_revision_open. */
SP_MUST_USE sp_status sp_diff_run(const sp_diff_request *request, sp_diff **ret_diff, sp_err *err);

void sp_diff_free(sp_diff *diff);

#endif
