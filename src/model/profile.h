/* profile.h - the rules of a client at one version, for those who only hand it on (rules/profile.h has it). */
#ifndef SP_MODEL_PROFILE_H
#define SP_MODEL_PROFILE_H

/* The documented rules of a client, at one of its versions: what loads, in which order, and what is left out. */
typedef struct sp_profile sp_profile;

#endif
