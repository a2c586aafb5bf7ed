#include "explain/passes.h"

#include "base/types.h"
#include "explain/unread.h"

sp_status sp_unread_find(sp_loader *loader, const sp_docs *docs, sp_err *err)
{
    sp_unread unread = { .loader = loader, .docs = docs };
    SP_TRY(sp_unread_above(&unread, err));
    if (loader->here->request->instruction_files)
        return SP_OK; /* with named files nothing is looked for */
    return sp_unread_below(&unread, err);
}

sp_status sp_explain_unread(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    return loader->here->request->finds_unread ? sp_unread_find(loader, docs, err) : SP_OK;
}

const sp_load_pass sp_explain_passes[] = { sp_explain_unread, sp_explain_why, NULL };
