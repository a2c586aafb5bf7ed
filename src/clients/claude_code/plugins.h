/* plugins.h - what the manifest of a plugin says; it is optional. */
#ifndef SP_PLUGINS_H
#define SP_PLUGINS_H

#include "base/types.h"
#include "sources/json_doc.h"

typedef struct sp_plugin {
    sp_str folder;
    sp_str name;          /* the manifest's, else the folder's */
    sp_json_doc manifest; /* root NULL: there is none */
} sp_plugin;

/* Reads the plugin in that folder. Errors: SP_ERR_INPUT for a manifest that cannot be read or is not JSON. */
SP_MUST_USE sp_status sp_plugin_read(sp_arena *arena, const sp_place *here, sp_str folder, sp_plugin *ret, sp_err *err);

#endif
