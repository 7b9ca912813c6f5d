/*
 * C interface of libweir_pgparser.so: PostgreSQL's raw parser in a sandbox, one instance per concurrent call.
 * Managed counterpart: Weir.Sql.Parsing.NativeParser.
 */
#ifndef WEIR_PGPARSER_H
#define WEIR_PGPARSER_H

#include <stddef.h>
#include <stdint.h>

typedef struct pgq_instance pgq_instance;

enum pgq_operation {
  PGQ_PARSE = 0,   /* SQL to the raw parse tree as JSON */
  PGQ_PLPGSQL = 1, /* CREATE FUNCTION or DO statement(s) in PL/pgSQL to their bodies' trees as JSON */
  PGQ_SCAN = 2     /* SQL to tokens as JSON */
};

enum pgq_status {
  PGQ_OK = 0,
  PGQ_SQL_ERROR = 1, /* text holds PostgreSQL's message; the instance stays usable */
  PGQ_NO_STACK = 2,  /* nothing was run: the calling thread has less stack left than the budget and a reserve */
  /* From here on the instance is dead and can only be freed. */
  PGQ_TRAP_STACK = -1,     /* nested too deeply for the stack budget */
  PGQ_TRAP_INTERRUPT = -2, /* pgq_interrupt was called */
  PGQ_TRAP_MEMORY = -3,    /* memory cap reached */
  PGQ_TRAP_OTHER = -4,     /* assertion, abort or wasm trap; text describes it */
  PGQ_DEAD = -5            /* the instance had trapped before this call */
};

/* Everything here points into memory of the instance: valid until pgq_release, pgq_call or pgq_free. */
typedef struct pgq_result {
  const char *text;     /* JSON or message, not terminated */
  const char *function; /* C function of PostgreSQL that raised the error, or NULL; terminated */
  uint32_t text_length; /* bytes */
  uint32_t function_length;
  int32_t cursor;       /* 1-based position in characters, 0 = none */
} pgq_result;

/* Once per process, before any other call and from one thread. */
void pgq_init(void);

/* NULL when the memory could not be had. max_megabytes is cut to 255 (128 is what a fresh instance needs). */
pgq_instance *pgq_new(uint32_t max_megabytes);

/* Not while a call or an interrupt is under way on another thread. NULL is allowed. */
void pgq_free(pgq_instance *instance);

/* sql need not be terminated and must not hold NUL. stack_budget: bytes of native stack that the parser may use.
 * An instance is bound to no thread, but serves one call at a time. */
int32_t pgq_call(pgq_instance *instance, int32_t operation, const char *sql, uint32_t length, size_t stack_budget,
                 pgq_result *result);

/* Frees the last result inside the sandbox. 0, or a trap status. */
int32_t pgq_release(pgq_instance *instance);

/* Bytes of linear memory. Grows, never shrinks. */
uint32_t pgq_memory_size(const pgq_instance *instance);

/* From any thread: makes the call under way, or the next one, end in PGQ_TRAP_INTERRUPT. */
void pgq_interrupt(pgq_instance *instance);

#endif
