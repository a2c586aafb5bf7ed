/* exchange.h - HTTP requests as they were received: what a recorder hands over. */
#ifndef SP_CAPTURE_EXCHANGE_H
#define SP_CAPTURE_EXCHANGE_H

#include "base/base.h"
#include "base/types.h"

/* One request. Headers are not kept: they hold keys and cookies. */
typedef struct sp_exchange {
    sp_str method;   /* "POST"; ptr NULL: not known */
    sp_str target;   /* "/v1/messages?beta=true", the path and query only; ptr NULL: not known */
    sp_str model;    /* that an envelope names; ptr NULL: none does */
    sp_str body;     /* decoded: without chunks and compression */
    sp_str document; /* the file that body is a part of, for the places in messages; ptr NULL: none */
} sp_exchange;

/* The client that sent them. A ptr is NULL where that is not known. */
typedef struct sp_sender {
    sp_str client;   /* "claude-code" */
    sp_str version;  /* as the client told it */
    sp_str profile;  /* whose rules it follows: "claude-code@2.1.330" */
    sp_str ended;    /* how, where it did not end well: "ended with code 1" */
    sp_str agent;    /* whose prompt was asked for; of the main session */
    bool as_session; /* it was a session that is started as the agent */
    bool is_chosen;  /* of a saved request: it is the one that was asked for, and so not another one's */
} sp_sender;

/* In the order in which they were received. What the strings borrow from lives as long as the list is used. */
typedef sp_list(sp_exchange) sp_exchanges;

#endif
