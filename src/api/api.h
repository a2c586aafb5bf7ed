/* api.h - the objects of include/sysprompt.h, which its files share. */
#ifndef SP_API_H
#define SP_API_H

#include "commands/commands.h"

#include "sysprompt.h"

struct sp_options {
    char **arguments; /* as on the command line: "--layout=split", "--trim", "-Cshop" */
    size_t argument_count;
    size_t argument_capacity;
    char **operands;
    size_t operand_count;
    size_t operand_capacity;
    cli_screen screen;
    sp_on_message on_message;
    void *message_context;
    sp_on_output on_output;
    void *output_context;
};

struct sp_document {
    cli_document inner;
    char *format; /* that was asked for */
    sp_document_message *messages;
    sp_document_output *outputs;
    pthread_mutex_t lock; /* of the tree */
    sp_arena arena;       /* of the tree */
    struct sp_json_node *tree;
};

#endif
