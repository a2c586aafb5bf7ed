/* names.h - what the enumerations are called in the output. */
#ifndef SP_EMIT_NAMES_H
#define SP_EMIT_NAMES_H

#include "base/diagnostic.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/prompt.h"
#include "model/skill_list.h"
#include "model/source.h"
#include "rules/profile.h"

sp_str sp_name_of_segment(sp_segment_kind kind);
sp_str sp_name_of_block(sp_block_kind kind);
sp_str sp_name_of_source_kind(sp_source_kind kind);
sp_str sp_name_of_scope(sp_scope scope);
sp_str sp_name_of_role(sp_role role);
sp_str sp_name_of_level(sp_level level);
sp_str sp_name_of_effect(sp_effect effect);
sp_str sp_name_of_front_matter(sp_front_matter_state state);
sp_str sp_name_of_agent_status(sp_agent_status status);
sp_str sp_name_of_skill_status(sp_skill_status status);

#endif
