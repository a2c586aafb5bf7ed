#include "explain/passes.h"

const sp_load_pass sp_explain_passes[] = { sp_explain_unread, sp_explain_why, NULL };
