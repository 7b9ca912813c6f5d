/*
 * Host side of PostgreSQL's parser, which is npm's libpg-query (WebAssembly) translated to C by wasm2c.
 *
 *   pgq_call ── setjmp(trap) ──> translated code ──> imports (below) ──> invoke_* ── setjmp(resume) ──> translated code
 *        ^                            │                    │                              ^                  │
 *        └────── longjmp(trap) ───────┴────────────────────┘                              └── longjmp(resume)┘
 *                a trap: the instance is dead                                  the module's own longjmp: an SQL error
 *
 * Nothing here calls back into managed code, so neither kind of jump ever crosses a managed frame.
 *
 * The module's imports and exports have one-letter names that its build tool chose. They are pinned by the checksum in
 * build.sh; the table is in `wasmImports` and `assignWasmExports` of the package's libpg-query.js.
 */
#define _GNU_SOURCE
#include "pgparser.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pgq.h"
#include "guards.h"

#define EXPORT __attribute__((visibility("default")))

#define PAGE_BYTES 65536u
#define MAPPING_BYTES (WEIR_MEMORY_SPAN + PAGE_BYTES)
/* What a new instance writes at once: the module's constants. */
#define CONSTANT_BYTES (960u * 1024)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

/* Left untouched below the parser's part of the stack: for libc, longjmp and signal handlers of the runtime. */
#define STACK_RESERVE (128u * 1024)
/* Creating an instance and freeing a result hardly recurse (memory contexts are freed whole). */
#define SMALL_BUDGET (64u * 1024)

/* wasm2c passes this type to every import. The module's own state comes first. */
struct Z_a_instance_t {
  Z_pgq_instance_t module;
  jmp_buf trap;        /* valid while a call is under way */
  jmp_buf *resume;     /* innermost invoke_* of that call, or NULL */
  u32 result;          /* pointer in linear memory to what the last call returned, 0 = none */
  int32_t operation;   /* that made it */
  int32_t trap_status; /* why the trap was raised */
  u32 max_pages;
  bool dead;
  bool memory_refused; /* the module asked for memory beyond the cap */
  char message[200];
};

struct pgq_instance {
  struct Z_a_instance_t host;
};

typedef struct Z_a_instance_t host_t;

/* The instance this thread is inside of: wasm2c's trap function gets no argument. */
static __thread host_t *current;

/* ---- traps ---------------------------------------------------------------------------------------------------- */

__attribute__((noreturn, cold)) static void trap(int32_t status, const char *message) {
  if (!current) abort(); /* translated code runs only below enter() */
  current->trap_status = status;
  if (message) snprintf(current->message, sizeof current->message, "%s", message);
  _longjmp(current->trap, 1);
}

void weir_trap_stack(void) { trap(PGQ_TRAP_STACK, "stack budget exhausted"); }

void weir_trap_interrupt(void) { trap(PGQ_TRAP_INTERRUPT, "interrupted"); }

void wasm_rt_trap(wasm_rt_trap_t code) {
  char text[32];
  snprintf(text, sizeof text, "wasm trap %d", (int)code);
  trap(PGQ_TRAP_OTHER, text);
}

/* ---- what wasm2c's output needs from a runtime ------------------------------------------------------------------ */

typedef struct {
  u32 parameters, results;
  u8 types[16];
} function_type;

static function_type function_types[64];
static u32 function_type_count;

bool wasm_rt_is_initialized(void) { return true; }

/* Called by pgq_init only. Equal signatures get equal numbers, counted from 1. */
uint32_t wasm_rt_register_func_type(uint32_t parameters, uint32_t results, ...) {
  function_type type;
  memset(&type, 0, sizeof type);
  if (parameters + results > sizeof type.types) abort();
  type.parameters = parameters;
  type.results = results;
  va_list list;
  va_start(list, results);
  for (u32 i = 0; i < parameters + results; i++) type.types[i] = (u8)va_arg(list, int);
  va_end(list);

  for (u32 i = 0; i < function_type_count; i++)
    if (memcmp(&function_types[i], &type, sizeof type) == 0) return i + 1;
  if (function_type_count == sizeof function_types / sizeof *function_types) abort();
  function_types[function_type_count++] = type;
  return function_type_count;
}

/* Only reserves addresses: the kernel adds pages when they are touched. All of the mapping is writable, because a
 * masked stray access must neither fault nor leave it. */
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint32_t initial, uint32_t maximum) {
  memset(memory, 0, sizeof *memory);
  void *data = mmap(NULL, MAPPING_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) return; /* size 0: the first data segment traps, pgq_new returns NULL */
  /* One call instead of 240 page faults, which is most of what a new instance costs. Only a hint: older kernels refuse. */
  madvise(data, CONSTANT_BYTES, MADV_POPULATE_WRITE);
  memory->data = data;
  memory->pages = initial;
  memory->max_pages = maximum;
  memory->size = initial * PAGE_BYTES;
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) {
  if (memory->data) munmap(memory->data, MAPPING_BYTES);
  memory->data = NULL;
}

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t *table, uint32_t elements, uint32_t maximum) {
  table->data = calloc(elements, sizeof *table->data);
  table->size = table->data ? elements : 0;
  table->max_size = maximum;
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t *table) {
  free(table->data);
  table->data = NULL;
}

/* ---- linear memory, seen from outside --------------------------------------------------------------------------- */

static bool inside(const host_t *host, u32 address, u32 bytes) {
  return (u64)address + bytes <= host->module.w2c_z.size;
}

static u32 load(const host_t *host, u32 address) {
  u32 value = 0;
  if (inside(host, address, sizeof value)) memcpy(&value, host->module.w2c_z.data + address, sizeof value);
  return value;
}

static void store(host_t *host, u32 address, u32 value) {
  if (inside(host, address, sizeof value)) memcpy(host->module.w2c_z.data + address, &value, sizeof value);
}

/* A C string of the module; NULL when there is none or it has no end inside the memory. */
static const char *string_at(const host_t *host, u32 address, u32 *length) {
  *length = 0;
  if (address == 0 || address >= host->module.w2c_z.size) return NULL;
  const char *text = (const char *)host->module.w2c_z.data + address;
  size_t room = host->module.w2c_z.size - address;
  const char *end = memchr(text, 0, room);
  if (!end) return NULL;
  *length = (u32)(end - text);
  return text;
}

/* ---- imports: setjmp and longjmp of the module ------------------------------------------------------------------ */

/*
 * PostgreSQL reports errors by longjmp. Emscripten calls every function that may do so through an import invoke_*: it
 * must restore the module's stack pointer and set a flag when the function was left by longjmp; the module itself
 * finds the setjmp that was meant, or passes the jump on to the next invoke_* outwards.
 */
static u32 type_i, type_ii, type_iii, type_iiii, type_iiiii, type_ji;
static u32 type_v, type_vi, type_vii, type_viii, type_viiii, type_viiiii, type_v13;

static wasm_rt_funcref_t *callee(host_t *host, u32 index, u32 type) {
  wasm_rt_funcref_table_t *table = &host->module.w2c_D;
  if (index >= table->size || !table->data[index].func || table->data[index].func_type != type)
    trap(PGQ_TRAP_OTHER, "indirect call of a wrong type");
  return &table->data[index];
}

static void after_longjmp(host_t *host, u32 stack_pointer, jmp_buf *outer) {
  host->resume = outer;
  Z_pgqZ_Q(&host->module, stack_pointer);
  Z_pgqZ_P(&host->module, 1, 0);
}

#define PARAMS(...) (host_t * host, u32 index, ##__VA_ARGS__)
#define ARGS(...) (target->module_instance, ##__VA_ARGS__)
#define TYPES(...) (void *, ##__VA_ARGS__)

#define INVOKE(letter, result_type, type, params, types, args)                   \
  result_type Z_aZ_##letter params {                                             \
    wasm_rt_funcref_t *target = callee(host, index, type);                       \
    u32 stack_pointer = Z_pgqZ_R(&host->module);                                 \
    jmp_buf here, *outer = host->resume;                                         \
    if (_setjmp(here) != 0) {                                                    \
      after_longjmp(host, stack_pointer, outer);                                 \
      return 0;                                                                  \
    }                                                                            \
    host->resume = &here;                                                        \
    result_type value = ((result_type(*) types)target->func)args;                \
    host->resume = outer;                                                        \
    return value;                                                                \
  }

#define INVOKE_VOID(letter, type, params, types, args)                           \
  void Z_aZ_##letter params {                                                    \
    wasm_rt_funcref_t *target = callee(host, index, type);                       \
    u32 stack_pointer = Z_pgqZ_R(&host->module);                                 \
    jmp_buf here, *outer = host->resume;                                         \
    if (_setjmp(here) != 0) {                                                    \
      after_longjmp(host, stack_pointer, outer);                                 \
      return;                                                                    \
    }                                                                            \
    host->resume = &here;                                                        \
    ((void(*) types)target->func)args;                                           \
    host->resume = outer;                                                        \
  }

INVOKE(g, u32, type_i, PARAMS(), TYPES(), ARGS())
INVOKE(b, u32, type_ii, PARAMS(u32 a), TYPES(u32), ARGS(a))
INVOKE(a, u32, type_iii, PARAMS(u32 a, u32 b), TYPES(u32, u32), ARGS(a, b))
INVOKE(d, u32, type_iiii, PARAMS(u32 a, u32 b, u32 c), TYPES(u32, u32, u32), ARGS(a, b, c))
INVOKE(k, u32, type_iiiii, PARAMS(u32 a, u32 b, u32 c, u32 d), TYPES(u32, u32, u32, u32), ARGS(a, b, c, d))
INVOKE(l, u64, type_ji, PARAMS(u32 a), TYPES(u32), ARGS(a))
INVOKE_VOID(e, type_v, PARAMS(), TYPES(), ARGS())
INVOKE_VOID(f, type_vi, PARAMS(u32 a), TYPES(u32), ARGS(a))
INVOKE_VOID(h, type_vii, PARAMS(u32 a, u32 b), TYPES(u32, u32), ARGS(a, b))
INVOKE_VOID(j, type_viii, PARAMS(u32 a, u32 b, u32 c), TYPES(u32, u32, u32), ARGS(a, b, c))
INVOKE_VOID(i, type_viiii, PARAMS(u32 a, u32 b, u32 c, u32 d), TYPES(u32, u32, u32, u32), ARGS(a, b, c, d))
INVOKE_VOID(y, type_viiiii, PARAMS(u32 a, u32 b, u32 c, u32 d, u32 e), TYPES(u32, u32, u32, u32, u32),
            ARGS(a, b, c, d, e))
INVOKE_VOID(n, type_v13,
            PARAMS(u32 a, u32 b, u32 c, u32 d, u32 e, u32 f, u32 g, u32 h, u32 i, u32 j, u32 k, u32 l, u32 m),
            TYPES(u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32, u32),
            ARGS(a, b, c, d, e, f, g, h, i, j, k, l, m))

/* _emscripten_throw_longjmp */
void Z_aZ_p(host_t *host) {
  if (!host->resume) trap(PGQ_TRAP_OTHER, "longjmp without setjmp");
  _longjmp(*host->resume, 1);
}

static void register_invoke_types(void) {
  enum { I = WASM_RT_I32 };
  type_i = wasm_rt_register_func_type(0, 1, I);
  type_ii = wasm_rt_register_func_type(1, 1, I, I);
  type_iii = wasm_rt_register_func_type(2, 1, I, I, I);
  type_iiii = wasm_rt_register_func_type(3, 1, I, I, I, I);
  type_iiiii = wasm_rt_register_func_type(4, 1, I, I, I, I, I);
  type_ji = wasm_rt_register_func_type(1, 1, I, WASM_RT_I64);
  type_v = wasm_rt_register_func_type(0, 0);
  type_vi = wasm_rt_register_func_type(1, 0, I);
  type_vii = wasm_rt_register_func_type(2, 0, I, I);
  type_viii = wasm_rt_register_func_type(3, 0, I, I, I);
  type_viiii = wasm_rt_register_func_type(4, 0, I, I, I, I);
  type_viiiii = wasm_rt_register_func_type(5, 0, I, I, I, I, I);
  type_v13 = wasm_rt_register_func_type(13, 0, I, I, I, I, I, I, I, I, I, I, I, I, I);
}

/* ---- imports: the operating system, of which there is none ------------------------------------------------------- */

/* __assert_fail(condition, file, line, function) */
void Z_aZ_c(host_t *host, u32 condition, u32 file, u32 line, u32 function) {
  u32 length, ignored;
  const char *text = string_at(host, condition, &length), *where = string_at(host, function, &ignored);
  char message[160];
  snprintf(message, sizeof message, "assertion %.80s in %.40s", text ? text : "?", where ? where : "?");
  (void)file;
  (void)line;
  trap(PGQ_TRAP_OTHER, message);
}

/* _abort_js */
void Z_aZ_x(host_t *host) {
  (void)host;
  trap(PGQ_TRAP_OTHER, "abort");
}

/* exit. The module does this when an allocation outside any error handler fails. */
void Z_aZ_m(host_t *host, u32 status) {
  (void)status;
  trap(host->memory_refused ? PGQ_TRAP_MEMORY : PGQ_TRAP_OTHER, "exit");
}

/* proc_exit */
void Z_aZ_v(host_t *host, u32 status) { Z_aZ_m(host, status); }

/* _emscripten_runtime_keepalive_clear */
void Z_aZ_w(host_t *host) { (void)host; }

/* _setitimer_js: no timers */
u32 Z_aZ_o(host_t *host, u32 which, f64 milliseconds) {
  (void)host;
  (void)which;
  (void)milliseconds;
  return 0;
}

/* emscripten_resize_heap(bytes): 1 = done, 0 = refused. Grows by a fifth at least, so that growing stays rare. */
u32 Z_aZ_q(host_t *host, u32 requested) {
  wasm_rt_memory_t *memory = &host->module.w2c_z;
  u64 needed = ((u64)requested + PAGE_BYTES - 1) / PAGE_BYTES;
  if (needed > host->max_pages) {
    host->memory_refused = true;
    return 0;
  }
  u64 pages = memory->pages + (u64)memory->pages / 5;
  if (pages < needed) pages = needed;
  if (pages > host->max_pages) pages = host->max_pages;
  if (pages > memory->pages) {
    memory->pages = (u32)pages;
    memory->size = (u32)pages * PAGE_BYTES;
  }
  return 1;
}

/* fd_close, fd_read (end of file), fd_seek (29 = ESPIPE) */
u32 Z_aZ_u(host_t *host, u32 fd) {
  (void)host;
  (void)fd;
  return 0;
}

u32 Z_aZ_r(host_t *host, u32 fd, u32 vector, u32 count, u32 read) {
  (void)fd;
  (void)vector;
  (void)count;
  store(host, read, 0);
  return 0;
}

u32 Z_aZ_s(host_t *host, u32 fd, u64 offset, u32 whence, u32 position) {
  (void)host;
  (void)fd;
  (void)offset;
  (void)whence;
  (void)position;
  return 29;
}

/* fd_write: says that all was written and drops it, for it may hold SQL text */
u32 Z_aZ_t(host_t *host, u32 fd, u32 vector, u32 count, u32 written) {
  u32 total = 0;
  (void)fd;
  for (u32 i = 0; i < count && inside(host, vector + 8 * i, 8); i++) total += load(host, vector + 8 * i + 4);
  store(host, written, total);
  return 0;
}

/* ---- native stack ------------------------------------------------------------------------------------------------ */

/* Lowest usable address of this thread's stack; asked once per thread, because it costs a look at /proc on the first
 * thread of a process. */
static __thread uintptr_t stack_bottom;

static uintptr_t bottom_of_stack(void) {
  if (stack_bottom) return stack_bottom;
  pthread_attr_t attributes;
  void *address = NULL;
  size_t size = 0;
  uintptr_t bottom = UINTPTR_MAX; /* unknown: no room */
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    if (pthread_attr_getstack(&attributes, &address, &size) == 0) bottom = (uintptr_t)address;
    pthread_attr_destroy(&attributes);
  }
  return stack_bottom = bottom;
}

/* Sets the limit for a call that begins at `top`. False when the thread has not that much left: a smaller budget would
 * make the outcome depend on who calls. */
static bool limit_stack(host_t *host, uintptr_t top, size_t budget) {
  uintptr_t bottom = bottom_of_stack();
  if (bottom >= top || top - bottom < STACK_RESERVE || top - bottom - STACK_RESERVE < budget) return false;
  host->module.weir_stack_limit = top - budget;
  return true;
}

/* ---- interface --------------------------------------------------------------------------------------------------- */

EXPORT void pgq_init(void) {
  if (function_type_count != 0) return;
  Z_pgq_init_module();
  register_invoke_types();
}

static void discard(host_t *host) {
  wasm_rt_free_funcref_table(&host->module.w2c_D);
  wasm_rt_free_memory(&host->module.w2c_z);
  free(host);
}

EXPORT void pgq_free(pgq_instance *instance) {
  if (instance) discard(&instance->host);
}

EXPORT pgq_instance *pgq_new(uint32_t max_megabytes) {
  pgq_instance *instance = calloc(1, sizeof *instance);
  if (!instance) return NULL;
  host_t *host = &instance->host, *outer = current;
  host->max_pages = (max_megabytes < 255 ? max_megabytes : 255) * (1048576 / PAGE_BYTES);
  if (!limit_stack(host, (uintptr_t)__builtin_frame_address(0), SMALL_BUDGET)) {
    free(instance);
    return NULL;
  }
  current = host;
  if (_setjmp(host->trap) != 0) {
    current = outer;
    discard(host);
    return NULL;
  }
  Z_pgq_instantiate(&host->module, host);
  /* wabt 1.0.32 stores the address of the field Z_a_instance where it means its value, for imports in a table. */
  for (u32 i = 0; i < host->module.w2c_D.size; i++) {
    wasm_rt_funcref_t *entry = &host->module.w2c_D.data[i];
    if (entry->module_instance == (void *)&host->module.Z_a_instance) entry->module_instance = host;
  }
  Z_pgqZ_A(&host->module); /* constructors */
  current = outer;
  return instance;
}

/* The part of a call that may trap. */
static int32_t run(host_t *host, const char *sql, u32 length, pgq_result *result) {
  Z_pgq_instance_t *module = &host->module;
  u32 text = Z_pgqZ_C(module, length + 1); /* malloc */
  if (text == 0 || !inside(host, text, length + 1)) trap(PGQ_TRAP_MEMORY, "out of memory");
  memcpy(module->w2c_z.data + text, sql, length);
  module->w2c_z.data[text + length] = 0;

  u32 answer = 0;
  switch (host->operation) {
    case PGQ_PARSE: answer = Z_pgqZ_F(module, text); break;
    case PGQ_PLPGSQL: answer = Z_pgqZ_H(module, text); break;
    case PGQ_SCAN: answer = Z_pgqZ_M(module, text); break;
    default: break;
  }
  Z_pgqZ_E(module, text); /* free */
  if (answer == 0) trap(host->memory_refused ? PGQ_TRAP_MEMORY : PGQ_TRAP_OTHER, "no result");
  host->result = answer;

  int32_t status = PGQ_OK;
  u32 string = answer;
  if (host->operation == PGQ_PARSE) { /* {tree, stderr fd, stderr text, ..., error at +8}: see PgQueryParseResult */
    u32 error = load(host, answer + 8);
    string = load(host, error ? error : answer);
    if (error) {
      status = PGQ_SQL_ERROR;
      result->function = string_at(host, load(host, error + 4), &result->function_length);
      result->cursor = (int32_t)load(host, error + 16);
    }
  }
  result->text = string_at(host, string, &result->text_length);
  if (!result->text) trap(PGQ_TRAP_OTHER, "result outside memory");
  return status;
}

EXPORT int32_t pgq_call(pgq_instance *instance, int32_t operation, const char *sql, uint32_t length,
                        size_t stack_budget, pgq_result *result) {
  host_t *host = &instance->host, *outer = current;
  memset(result, 0, sizeof *result);
  if (host->dead || host->result != 0) return PGQ_DEAD;
  if (!limit_stack(host, (uintptr_t)__builtin_frame_address(0), stack_budget)) return PGQ_NO_STACK;

  host->operation = operation;
  host->resume = NULL;
  host->memory_refused = false;
  host->message[0] = 0;
  current = host;
  if (_setjmp(host->trap) != 0) {
    current = outer;
    host->dead = true;
    memset(result, 0, sizeof *result);
    result->text = host->message;
    result->text_length = (u32)strlen(host->message);
    return host->trap_status;
  }
  int32_t status = run(host, sql, length, result);
  current = outer;
  return status;
}

EXPORT int32_t pgq_release(pgq_instance *instance) {
  host_t *host = &instance->host, *outer = current;
  if (host->dead) return PGQ_DEAD;
  if (host->result == 0) return PGQ_OK;
  if (!limit_stack(host, (uintptr_t)__builtin_frame_address(0), SMALL_BUDGET)) {
    host->dead = true; /* its memory goes with it */
    return PGQ_DEAD;
  }
  host->resume = NULL;
  current = host;
  if (_setjmp(host->trap) != 0) {
    current = outer;
    host->dead = true;
    return host->trap_status;
  }
  if (host->operation == PGQ_PARSE)
    Z_pgqZ_G(&host->module, host->result);
  else
    Z_pgqZ_N(&host->module, host->result);
  host->result = 0;
  current = outer;
  return PGQ_OK;
}

EXPORT uint32_t pgq_memory_size(const pgq_instance *instance) { return instance->host.module.w2c_z.size; }

EXPORT void pgq_interrupt(pgq_instance *instance) {
  __atomic_store_n(&instance->host.module.weir_interrupt, 1, __ATOMIC_RELAXED);
}
