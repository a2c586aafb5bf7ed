/* capture_run.h - what runs of clients share: capture, and capture --learn. Private to commands/. */
#ifndef SP_COMMANDS_CAPTURE_RUN_H
#define SP_COMMANDS_CAPTURE_RUN_H

#include "base/base.h"
#include "base/types.h"
#include "capture/launch.h"
#include "commands/commands.h"
#include "model/profile.h"
#include "report/capture.h"

/* What the requests of several clients come to. */
typedef struct cli_shares {
    sp_arena *arena;
    sp_str client; /* whose turn it is */
    sp_list(sp_capture_share) rows;
} cli_shares;

/* Client, command, port and time limit, as the options and operands say; the rest of *launch is zero. */
cli_exit cli_read_launch(const cli_options *options, sp_launch *launch);
/* Why what was wanted of a run is not there. */
void cli_explain_launch(const sp_launch *launch, const sp_launched *launched, sp_arena *arena, sp_err *err);
/* Whose rules predict the request: the client's, in the version that it told if that is known. */
SP_MUST_USE sp_status cli_open_launched(sp_arena *arena, const sp_launch *launch, const sp_launched *launched,
                                        sp_profile **ret, sp_err *err);
/* A note where the network was not blocked, also where the run failed: the client may have sent something. */
cli_exit cli_note_network(const cli_options *options, const sp_launched *launched);

#endif
