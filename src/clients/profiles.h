/* profiles.h - profiles by name and version. */
#ifndef SP_CLIENTS_PROFILES_H
#define SP_CLIENTS_PROFILES_H

#include "base/types.h"
#include "model/profile.h"

/* The profile of that name: "claude-code" (its newest known version), "claude-code@2.1.240" or "codex"; a date such as
 * "claude-code@2026-06-01" stands for the version of that day, and "claude-code@2.1" for the newest known 2.1. On
 * success *ret_profile is the caller's, to be dropped with sp_profile_free. SP_ERR_USAGE for a name or a version that
 * is not known, with what is. */
SP_MUST_USE sp_status sp_profile_open(sp_str name, sp_profile **ret_profile, sp_err *err);

void sp_profile_free(sp_profile *profile);

/* The names of the profiles in a fixed order, without versions, for listings; NULL past the last one. */
const char *sp_profile_at(size_t index);

#endif
