/*
 * functions.c - the input tokens of a recorded request to a model of OpenAI.
 *
 * The formula is that of OpenAI's cookbook (How to count tokens with tiktoken, sections 6 and 7): some tokens for each
 * message and for the answer, and for each function some for itself, its properties and their values, beside the tokens
 * of names and descriptions. It says nothing of properties in properties, of tools that are no functions, and of their
 * calls, so the result names these where they are there. Numbers that are the same in all models are here, the others
 * in the rows of models.
 */
#include "capture/functions.h"

#include "attribute/attribute.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "capture/requests.h"
#include "tokenizer/tokens.h"

#include <stdio.h>

enum { OF_PROPERTIES = 3, OF_PROPERTY = 3, OF_VALUES = -3, OF_VALUE = 3, MAX_DEPTH = 64 };

typedef struct functions {
    sp_arena *arena;
    const sp_model *model;
    const sp_encoding *encoding;
    sp_err *err;
    int64_t tokens;
    size_t count;
    bool has_others; /* tools that are no functions, */
    bool has_nested; /* and properties of properties */
} functions;

static sp_status add_tokens(functions *f, sp_str text)
{
    size_t tokens;
    SP_TRY(sp_count(f->encoding, text, SP_SPECIAL_AS_TEXT, &tokens, f->err));
    f->tokens += (int64_t)tokens;
    return SP_OK;
}

static sp_str text_of(const sp_json_node *node)
{
    return node ? node->text : SP_STR("");
}

/* "name:type:description", without the full stop at its end. */
static sp_status add_line(functions *f, sp_str name, const char *colon, sp_str type, sp_str description)
{
    if (sp_str_ends(description, SP_STR(".")))
        description.len--;
    sp_str line =
        sp_str_format(f->arena, "%.*s%s%.*s:%.*s", SP_STR_ARG(name), colon, SP_STR_ARG(type), SP_STR_ARG(description));
    return line.ptr ? add_tokens(f, line) : sp_err_memory(f->err);
}

static sp_status add_property(functions *f, const sp_json_node *property)
{
    const sp_json_node *values = sp_json_member(property, "enum");
    f->tokens += OF_PROPERTY + (values ? OF_VALUES : 0);
    f->has_nested = f->has_nested || sp_json_member(property, "properties") || sp_json_member(property, "items");
    for (const sp_json_node *value = values ? values->first : NULL; value; value = value->next) {
        f->tokens += OF_VALUE;
        SP_TRY(add_tokens(f, value->text));
    }
    return add_line(f, property->key, ":", text_of(sp_json_member(property, "type")),
                    text_of(sp_json_member(property, "description")));
}

/* A tool of Responses says what it is itself, one of Chat Completions in a member. */
static sp_status add_tool(functions *f, const sp_recorded_tool *tool)
{
    sp_json_node *root;
    sp_json_problem problem;
    SP_TRY(sp_json_parse(f->arena, tool->text, MAX_DEPTH, &root, &problem, f->err));
    if (!root || !sp_str_eq(text_of(sp_json_member(root, "type")), SP_STR("function"))) {
        f->has_others = true;
        return SP_OK;
    }
    const sp_json_node *inner = sp_json_member(root, "function"), *function = inner ? inner : root;
    const sp_json_node *properties = sp_json_member(sp_json_member(function, "parameters"), "properties");
    f->count++;
    f->tokens += (int64_t)f->model->function_tokens;
    SP_TRY(add_line(f, text_of(sp_json_member(function, "name")), "", SP_STR(""),
                    text_of(sp_json_member(function, "description"))));
    const sp_json_node *property = properties ? properties->first : NULL;
    f->tokens += property ? OF_PROPERTIES : 0;
    for (; property; property = property->next)
        SP_TRY(add_property(f, property));
    return SP_OK;
}

static size_t count_messages(const sp_recorded *recorded, bool *ret_has_calls)
{
    bool has_system = false; /* instructions that are not among the messages */
    *ret_has_calls = false;
    for (size_t i = 0; i < recorded->part_count; i++) {
        has_system = has_system || recorded->parts[i].message == SP_NONE;
        *ret_has_calls = *ret_has_calls || recorded->parts[i].kind != SP_PART_TEXT;
    }
    return recorded->message_count + has_system;
}

static void list_unknown(const functions *f, bool has_calls, sp_request_tokens *request)
{
    request->not_estimated_count = 0;
    if (has_calls)
        request->not_estimated[request->not_estimated_count++] = "calls of tools, their results, and media";
    if (f->has_others)
        request->not_estimated[request->not_estimated_count++] = "tools that are not functions";
    if (f->has_nested)
        request->not_estimated[request->not_estimated_count++] = "properties inside properties";
}

sp_status sp_capture_count_request(sp_arena *arena, const sp_model *model, sp_str name, const sp_captured *captured,
                                   sp_prompt *prompt, sp_err *err)
{
    const sp_recorded *recorded = captured->recorded;
    functions f = { .arena = arena, .model = model, .encoding = prompt->encoding, .err = err };
    bool is_openai = recorded->protocol == SP_PROTOCOL_CHAT || recorded->protocol == SP_PROTOCOL_RESPONSES;
    if (!model || !model->function_tokens || !is_openai || recorded->encoding ||
        prompt->encoding != sp_attribute_encoding_of(model))
        return SP_OK;
    bool has_calls;
    size_t messages = count_messages(recorded, &has_calls), as_written = 0;
    for (size_t i = 0; i < recorded->tool_count; i++)
        SP_TRY(add_tool(&f, &recorded->tools[i]));
    for (size_t i = 0; i < captured->tool_count; i++)
        as_written += captured->tools[i].tokens;
    size_t frame = (size_t)(model->frame_tokens + model->message_tokens * messages);
    size_t defined = f.count ? (size_t)f.tokens + (size_t)model->tools_tokens : 0;
    size_t tokens = prompt->tokens - as_written + frame + defined, margin = (size_t)model->margin_tokens;
    prompt->request = (sp_request_tokens){
        .is_known = true,
        .tokens = tokens,
        .range = { tokens > margin ? tokens - margin : 0, tokens + margin },
        .frame_tokens = frame,
        .tools_tokens = (size_t)model->tools_tokens,
        .function_tokens = (size_t)model->function_tokens,
        .has_definitions = true,
        .definition_count = f.count,
        .definition_tokens = defined,
    };
    list_unknown(&f, has_calls, &prompt->request);
    snprintf(prompt->request.model, sizeof prompt->request.model, "%.*s", SP_STR_ARG(name));
    return SP_OK;
}
