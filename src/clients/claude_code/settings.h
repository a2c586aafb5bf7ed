/*
 * settings.h - the client's settings files, as far as they change what loads.
 *
 *   SP_TRY(sp_settings_read(loader, err));
 *   if (loader->settings.memory_off.is_on)
 *       ... loader->settings.memory_off.by says which file and line turns it off
 *
 * Files rank user, project, local, --settings, managed: of two values that of the later file counts, and lists are put
 * together (rule settings.order). Every value that is used is told with its place.
 */
#ifndef SP_CLAUDE_CODE_SETTINGS_H
#define SP_CLAUDE_CODE_SETTINGS_H

#include "base/types.h"
#include "sources/loader.h"

/* Fills in loader->settings. What is wrong with a file that was found becomes a diagnostic, and the file counts as
 * absent; a file or text that --settings names has to be right (SP_ERR_INPUT). */
SP_MUST_USE sp_status sp_settings_read(sp_arena *arena, sp_place *here, sp_diags *diags, sp_err *err);

/* What skillOverrides of the last settings file that names the skill says of it; text ptr NULL: nothing does. */
SP_MUST_USE sp_status sp_settings_find_override(sp_arena *arena, const sp_place *here, sp_str skill,
                                                sp_setting_text *ret, sp_err *err);

/* Notes, for each settings file, the plugins that it enables: where they are installed is not known here, so their
 * agents are not looked up. */
SP_MUST_USE sp_status sp_settings_note_plugins(const sp_loader *loader, sp_err *err);

/* Notes, for each settings file, a SubagentStart hook that may run when the agent of that name starts. */
SP_MUST_USE sp_status sp_settings_note_hooks(const sp_loader *loader, sp_str agent, sp_err *err);

/* The pattern of claudeMdExcludes that matches one of the paths, which are absolute, or NULL. */
const sp_exclude *sp_settings_find_exclude(const sp_place *here, sp_str path, sp_str real_path);
/* "claudeMdExcludes in .claude/settings.json:3", or ptr NULL when memory is short. */
sp_str sp_settings_name_exclude(sp_arena *arena, const sp_exclude *exclude);

/* The id of the model that an alias was in the version of the profile; model itself where it is another name, or an
 * alias that is still the same (rule agent.model-alias). A [1m] at its end stays. ptr NULL with a length: memory was
 * short. */
sp_str sp_claude_code_aliased_model(sp_arena *arena, const sp_profile *profile, sp_str model);

/* Makes the file of the session's output style a source (rule settings.output-style). A style that comes with the
 * client has no file. Errors as for sp_prompt_build. */
SP_MUST_USE sp_status sp_load_output_style(sp_loader *loader, sp_err *err);

#endif
