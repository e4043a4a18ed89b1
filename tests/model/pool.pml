/*
 * How threads take, give back and hand over a pool's clients, and how the pool ends: the protocol
 * of lib/lending/lending_desk.cpp, step by step under the labels its comments use, for spin.
 *
 *   A1-A4  take without waiting          R1-R7  give back
 *   J1-J4  join the line                 W1-W4  wait in line, leave it
 *   L1-L3  look for idle clients
 *   C1-C3  close                         K1-K2  await the last client
 *   D1     retire (the destructor)       G1-G2  a guest enters, leaves
 *
 * What is checked: whatever must() names below; that no thread is left asleep (spin's "invalid end
 * state"); and, in runs of their own, that no thread runs for ever ("non-progress cycle"). `check`
 * runs the configurations, and the mutations MUT_..., each of which drops one thing that the
 * protocol stands on and must be found out.
 *
 * Grain: every access to a word that is touched without the mutex is a step of its own. What only
 * the mutex guards is done together with the step before or after it, and a load whose outcome is
 * checked again by a compare-and-swap together with that: nobody can tell the difference.
 *
 * Memory order: seq_cst accesses interleave. The three stores whose order before later loads
 * carries the protocol (R4, the mark in A3, the gate) go through a store buffer of the thread. It is
 * drained, so that others see the store, by a fence; by the thread's next store, lock, unlock or
 * successful compare-and-swap; or at any time by itself. A mutation that drops a fence lets the
 * thread's loads overtake the store, as C++ lets them if either is not seq_cst.
 *
 * The queue is a set that gives out any entry, or looks empty at any time. A thread's guess of the
 * client it used last is any client. A deadline passes, or a stop comes, at any time.
 */

/* --- configuration --- */

#ifndef CLIENTS
#define CLIENTS 1 /* 1 or 2 */
#endif
#ifndef THREADS
#define THREADS 2 /* workers; each takes and gives back ROUNDS times */
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef URGENT
#define URGENT 0 /* bit mask: workers that stand in the urgent lane */
#endif
#ifndef TRIERS
#define TRIERS 0 /* bit mask: workers that do not wait, but try */
#endif
#ifndef CLOSERS
#define CLOSERS 0 /* bit mask: workers that close the pool, and do nothing else */
#endif
#ifndef LEAVERS
#define LEAVERS 0 /* bit mask: workers whose waits may time out or be stopped */
#endif
#ifndef MAX_WAITING
#define MAX_WAITING THREADS /* in each lane */
#endif
/* CLOSES: the owner closes the pool. DEADLINE: it may give up waiting for leases.
 * DESTROYS: the owner destroys the pool (after closing it, if CLOSES).
 * PUSH_MAY_FAIL: the queue may have no room for an entry.
 * STRAIGHT: who finds nothing in the queue joins the line without the look of A4. */

#define is_in(mask, thread) (((mask) >> (thread)) & 1)
#define bit_of(thread) (1 << (thread))

/* --- the fences, and what is left of them in a mutation --- */

#ifdef MUT_FREE_RELAXED
#define FREE_FENCE skip
#else
#define FREE_FENCE drain(me)
#endif
#ifdef MUT_UNMARK_RELAXED
#define UNMARK_FENCE skip
#else
#define UNMARK_FENCE drain(me)
#endif
#ifdef MUT_PUBLISH_RELAXED
#define PUBLISH_FENCE skip
#else
#define PUBLISH_FENCE drain(me)
#endif

/* --- the pool --- */

#define OWNER THREADS /* index of the thread that closes and destroys */
#define IDLE 0
#define LEASED 1
#define UNLISTED 2 /* leased, and not in `listed` */
#define COLLECTED 3
#define CLOSED 128 /* the gate's other bits: waiters in line */
#define NONE 255
#define MOST_POPS CLIENTS

byte state[CLIENTS];     /* IDLE is 0 */
bool queued[CLIENTS];    /* an entry lies in the queue */
bool entry[CLIENTS];     /* the queue */
byte listed;             /* bit mask: clients that may be idle */
byte cut;                /* bit mask: clients whose connection is cut for good */
byte gate;

bool mutex;              /* guards: */
chan line[2] = [THREADS] of { byte }; /* urgent, normal */
bool closed;
byte collected;
byte guests;
bool retired;

bool tail[CLIENTS];
byte late_tails[CLIENTS];

/* Waiters' records, on their stacks; a closer's is that of a thread in await_collected(). */
bool in_line[THREADS + 1]; /* guarded by the mutex */
byte closers;              /* bit mask: who awaits the last client; guarded by the mutex */
byte given[THREADS + 1];   /* a client's number + 1, or 0 for none */
bool signal[THREADS + 1];

/* Store buffers, of one entry. */
byte buffered[THREADS + 1];
byte buffered_value[THREADS + 1];
#define NOTHING 0
#define FREE 1   /* state[value] = IDLE */
#define UNMARK 2 /* queued[value] = false */
#define GATE 3   /* gate = value */

/* --- what the model knows and the pool does not --- */

byte holder[CLIENTS];        /* the one thread that may use the client and its token, + 1; or 0 */
byte ahead[THREADS];         /* bit mask: who is to be served before this waiter */
byte waiting;                /* bit mask: who has joined the line; CLOSED once closing has begun */
bool record[THREADS + 1];    /* the waiter's stack frame exists */
byte entering;               /* acquires that have neither a client nor joined the line */
bool freed;
byte finished;

/* The promises: always 0, names for the checker's report. */
hidden byte one_holder_per_client;
hidden byte one_entry_per_client;
hidden byte token_used_by_holder;
hidden byte first_come_first_served;
hidden byte newcomers_do_not_overtake;
hidden byte no_lease_after_close;
hidden byte woken_only_while_waiting;
hidden byte freed_once;
hidden byte memory_is_there;
hidden byte all_come_back;
hidden byte every_idle_client_is_found;
hidden byte books_are_even;
hidden byte every_connection_is_cut;
hidden byte store_buffer_suffices;

#define must(condition, promise) assert(promise || (condition))

/* On every access to the pool's memory: it is there. */
#define touch must(!freed, memory_is_there)

/* --- building blocks; inside an atomic or d_step --- */

inline drain(thread) {
  if
  :: buffered[thread] == FREE -> state[buffered_value[thread]] = IDLE
  :: buffered[thread] == UNMARK -> queued[buffered_value[thread]] = false
  :: buffered[thread] == GATE -> gate = buffered_value[thread]
  :: else
  fi;
  buffered[thread] = NOTHING;
  buffered_value[thread] = 0
}

inline store(what, value) {
  touch;
  drain(me);
  must(buffered[me] == NOTHING, store_buffer_suffices);
  buffered[me] = what;
  buffered_value[me] = value
}

inline lock() { !mutex; touch; drain(me); mutex = true }
inline unlock() { touch; drain(me); mutex = false }

#ifdef DESTROYS
#define guest(n) guests = guests + (n)
#ifdef MUT_GUESTS_IGNORED
#define nobody_left (retired && collected == CLIENTS)
#else
#define nobody_left (retired && collected == CLIENTS && guests == 0)
#endif
#else
#define guest(n) skip
#define nobody_left false
#endif

#define waiters (len(line[0]) + len(line[1]))

inline publish_gate() {
  store(GATE, waiters + (closed -> CLOSED : 0));
  PUBLISH_FENCE
}

/* After the compare-and-swap (or hand-over) that made `thread` the owner of `client`. */
inline now_held(client, thread) {
  must(holder[client] == 0, one_holder_per_client);
  holder[client] = thread + 1
}

inline claim(client) {
  touch;
  drain(me);
  state[client] = LEASED;
  now_held(client, me)
}

/* The scan: word = listed, then look(i) for each i in word. */
inline look_up() { d_step { touch; word = listed } }

/* A compare-and-swap comes before or after another thread's exchange, also one that is relaxed. */
#ifdef MUT_FREE_RELAXED
#define is_freeing(thread, client) (buffered[thread] == FREE && buffered_value[thread] == client)
#if THREADS > 2
#error "MUT_FREE_RELAXED knows two threads"
#endif
#define settled(client) (!is_freeing(0, client) && !is_freeing(1, client))
#else
#define settled(client) true
#endif

/* L1-L3, for a client that was listed: `got` if it was idle, and is this thread's now. */
inline look(client) {
  atomic { /* L1 */
    touch;
    if
    :: state[client] == IDLE -> claim(client); got = true
    :: else
    fi
  }
  if
  :: got
  :: else ->
#ifndef MUT_MARK_BEFORE_UNLISTING
    d_step { touch; drain(me); listed = listed & ~bit_of(client) } /* L2 */
#endif
    unlist(client) /* L3 */
  fi;
#ifdef MUT_MARK_BEFORE_UNLISTING
  d_step { touch; drain(me); listed = listed & ~bit_of(client) }
#endif
}

inline unlist(client) {
  atomic {
    settled(client);
    touch;
    if
#ifndef MUT_FREED_WHILE_UNLISTING
    :: state[client] == IDLE -> claim(client); state[client] = UNLISTED; got = true
#endif
    :: state[client] == LEASED -> drain(me); state[client] = UNLISTED
    :: else
    fi
  }
}

/* After a claim without the line. */
inline overtook_nobody() {
  must((saw & waiting & ~CLOSED) == 0, newcomers_do_not_overtake);
  must((saw & CLOSED) == 0, no_lease_after_close);
  saw = 0;
  entering--
}

inline forget_waiter(thread) {
  in_line[thread] = false;
  waiting = waiting & ~bit_of(thread);
  j = 0;
  do
  :: j < THREADS -> ahead[j] = ahead[j] & ~bit_of(thread); j++
  :: else -> break
  od;
  j = 0
}

inline pop_first() {
  if
#ifdef MUT_LANES_IGNORED
  :: len(line[1]) > 0 -> line[1]?w
  :: len(line[1]) == 0 -> line[0]?w
#else
  :: len(line[0]) > 0 -> line[0]?w
  :: len(line[0]) == 0 ->
#ifdef MUT_LAST_FIRST
    j = len(line[1]);
    do
    :: j > 1 -> line[1]?w; line[1]!w; j--
    :: else -> break
    od;
    j = 0;
#endif
    line[1]?w
#endif
  fi
}

/* `client`, which this thread owns, to the first in line. */
inline hand(client) {
  pop_first();
  must(ahead[w] == 0, first_come_first_served);
  forget_waiter(w);
  given[w] = client + 1;
  holder[client] = 0;
  now_held(client, w);
  guest(-1);
  wakes = wakes | bit_of(w);
  w = 0
}

inline collect(client) {
  touch;
  drain(me);
  state[client] = COLLECTED;
  listed = listed & ~bit_of(client); /* later at the latest by who looks in vain */
  holder[client] = 0;
  collected++;
  if
#ifndef MUT_CLOSER_NOT_WOKEN
  :: collected == CLIENTS -> wakes = wakes | closers; closers = 0
#endif
  :: else
  fi
}

/* --- building blocks of several steps --- */

/* Claims idle clients for those in line, past the queue. Under the mutex. */
inline serve() {
  if
  :: waiters > 0 ->
    i = 0;
    look_up();
    do
    :: i < CLIENTS && waiters > 0 ->
      if
      :: is_in(word, i) -> look(i)
      :: else
      fi;
      d_step {
        if
        :: got -> got = false; hand(i)
        :: else
        fi;
        i++
      }
    :: else -> word = 0; break
    od;
    atomic { publish_gate(); i = 0 }
  :: else
  fi
}

/* A client that this thread owns, to a pool that is closed: its connection is cut before that. */
inline hand_in(client) {
#ifndef MUT_HANDED_IN_UNCUT
  d_step { touch; cut = cut | bit_of(client) }
#endif
  atomic { lock(); collect(client); last = nobody_left; unlock() }
}

/* Under the mutex. */
inline collect_idle() {
  i = 0;
  look_up();
  do
  :: i < CLIENTS ->
    if
    :: is_in(word, i) -> look(i)
    :: else
    fi;
    d_step {
      if
      :: got -> got = false; collect(i)
      :: else
      fi;
      i++
    }
  :: else -> word = 0; break
  od;
  i = 0
}

/* Past the mutex. Touches the records only, each for the last time. */
inline wake_all() {
  do
  :: wakes != 0 ->
    d_step {
      w = 0;
      do
      :: !is_in(wakes, w) -> w++
      :: else -> break
      od;
      must(record[w], woken_only_while_waiting);
      signal[w] = true;
      wakes = wakes & ~bit_of(w);
      w = 0
    }
  :: else -> break
  od
}

/* By the last one out. */
inline free_pool() {
#ifndef MUT_TAILS_IGNORED
  i = 0;
  do
  :: i < CLIENTS ->
    atomic { !tail[i]; touch }
    atomic { late_tails[i] == 0; touch; i++ }
  :: else -> break
  od;
#endif
  atomic { must(!freed, freed_once); freed = true; i = 0 }
}

/* --- a thread that uses the pool --- */

proctype Worker(byte me) {
  byte round, c, w, i, j;
  byte saw;   /* who waited when this thread looked at the gate */
  byte wakes; /* bit mask: who is to be woken once the mutex is free */
  byte pops;
  byte word;  /* of `listed`, as it was */
  bool late, last, pushed, again, got, unlisted;

A1: /* The gate. */
  atomic {
    touch;
    saw = waiting;
    if
#ifndef MUT_GATE_IGNORED
    :: gate != 0 && !is_in(TRIERS, me) -> saw = 0; goto J1
#ifndef MUT_TRY_IGNORES_GATE
    :: gate != 0 && is_in(TRIERS, me) -> saw = 0; entering--; goto done
#else
    :: gate != 0 && is_in(TRIERS, me) -> goto A4
#endif
#endif
    :: else
    fi
  }

A2: /* The client used last, past its entry. */
  atomic {
    touch;
    if
    :: state[0] == IDLE -> c = 0
#if CLIENTS > 1
    :: state[1] == IDLE -> c = 1
#endif
    :: c = NONE
    fi;
    if
    :: c == NONE -> c = 0
    :: else ->
#ifdef MUT_CLAIM_NOT_ATOMIC
      goto A2_store
#else
      claim(c);
      overtook_nobody();
      goto R1
#endif
    fi
  }

A3: /* The queue, which may look empty. At most MOST_POPS entries: two threads, one popping what the
     * other requeues, could keep each other from the client for ever. */
  atomic {
    touch;
    if
    :: entry[0] -> c = 0
#if CLIENTS > 1
    :: entry[1] -> c = 1
#endif
    :: c = NONE
    fi;
    if
    :: c == NONE -> c = 0; pops = 0; goto A4
    :: else -> drain(me); entry[c] = false
    fi
  }
#ifndef MUT_UNMARK_AFTER_CLAIM
A3_unmark:
  d_step { store(UNMARK, c); UNMARK_FENCE }
#endif
A3_claim:
  atomic {
    touch;
    if
    :: state[c] == IDLE -> claim(c); overtook_nobody(); last = true
    :: else
    fi;
#ifndef MUT_UNMARK_AFTER_CLAIM
    if
    :: last -> last = false; pops = 0; goto R1
#ifndef MUT_POPS_UNBOUNDED
    :: !last && pops == MOST_POPS - 1 -> pops = 0; goto A4
    :: else -> pops++; goto A3
#else
    :: else -> goto A3
#endif
    fi
#endif
  }
#ifdef MUT_UNMARK_AFTER_CLAIM
  atomic {
    touch;
    queued[c] = false;
    if
    :: last -> last = false; pops = 0; goto R1
#ifndef MUT_POPS_UNBOUNDED
    :: !last && pops == MOST_POPS - 1 -> pops = 0; goto A4
    :: else -> pops++; goto A3
#else
    :: else -> goto A3
#endif
    fi
  }
#endif
#ifdef MUT_CLAIM_NOT_ATOMIC
A2_store:
  atomic { claim(c); overtook_nobody(); goto R1 }
#endif

A4: /* By the clients' states. */
  atomic {
    touch;
    if
#ifdef STRAIGHT
    :: true
#else
#ifdef MUT_TRY_IGNORES_GATE
    :: is_in(TRIERS, me) -> word = listed
#endif
    :: gate == 0 -> word = listed
    :: else
#endif
    fi
  }
  do
  :: i < CLIENTS ->
    if
    :: is_in(word, i) -> look(i)
    :: else
    fi;
    atomic {
      if
      :: got -> got = false; word = 0; c = i; i = 0; overtook_nobody(); goto R1
      :: else -> i++
      fi
    }
  :: else -> break
  od;
  atomic {
    i = 0;
    c = 0;
    saw = 0;
    word = 0;
    if
    :: !is_in(TRIERS, me) -> goto J1
    :: else -> entering--; goto done
    fi
  }

J1: /* Into the line, if the pool is open and there is room. */
  atomic {
    lock();
    c = 0;
    if
#ifndef MUT_JOIN_CLOSED
    :: closed -> unlock(); entering--; goto done
#endif
    :: else
    fi;
    if
    :: len(line[1 - is_in(URGENT, me)]) == MAX_WAITING -> goto J_full
    :: else
    fi
  }

J2: /* Visible in the gate before the clients are looked at. */
  atomic {
    record[me] = true;
    in_line[me] = true;
    line[1 - is_in(URGENT, me)]!me;
    j = 0;
    do
    :: j < THREADS ->
      if
      :: j == me || !in_line[j]
      :: else ->
        if
        :: is_in(URGENT, j) >= is_in(URGENT, me) -> ahead[me] = ahead[me] | bit_of(j)
        :: else -> ahead[j] = ahead[j] | bit_of(me)
        fi
      fi;
      j++
    :: else -> break
    od;
    j = 0;
    guest(1);
    publish_gate()
  }

J3: /* Once more, by the clients' states. */
#ifndef MUT_NO_SCAN
  serve();
#endif

J4:
  atomic {
    unlock();
    entering--;
    if
    :: in_line[me] -> waiting = waiting | bit_of(me)
    :: else
    fi
  }
  wake_all();

W1: /* Asleep. */
  atomic {
    if
    :: signal[me] -> goto W4
    :: is_in(LEAVERS, me)
    fi
  }

W2: /* Timed out or stopped. */
  atomic {
    lock();
    if
    :: in_line[me] ->
      line[1 - is_in(URGENT, me)]??eval(me);
      forget_waiter(me);
      record[me] = false
    :: else ->
      unlock();
#ifdef MUT_SIGNAL_NOT_AWAITED
      record[me] = false;
      if
      :: given[me] != 0 -> c = given[me] - 1; given[me] = 0; goto R1
      :: else -> goto G1
      fi
#else
      goto W3
#endif
    fi
  }
#ifdef MUT_LEAVER_UNPINNED
  d_step { publish_gate(); guest(-1); unlock() }
  d_step { touch }
  goto done;
#else
#ifdef MUT_LEAVE_UNPUBLISHED
  d_step { unlock() }
#else
  d_step { publish_gate(); unlock() }
#endif
  goto G1;
#endif

W3: /* Too late: served or refused just now, and the signal is on its way to this stack. */
  atomic {
    signal[me];
#ifdef MUT_LEAVER_IGNORES_CLIENT
    signal[me] = false; record[me] = false; given[me] = 0; goto done
#endif
  }

W4: /* Woken. */
  atomic {
    signal[me] = false;
    record[me] = false;
    if
    :: given[me] != 0 -> c = given[me] - 1; given[me] = 0; goto R1
    :: else
    fi
  }

G1: /* A refused waiter is a guest: it looks at the counts and names for its refusal, */
#ifdef DESTROYS
  atomic { touch }
G2: /* and leaves. */
  atomic { lock(); guest(-1); last = nobody_left; unlock() }
  goto end_pool;
#else
  goto done;
#endif

J_full: /* Takes no place in line; a client only if nobody waits. */
#ifdef MUT_FULL_OVERTAKES
  saw = waiting;
#else
  if
  :: waiters > 0 -> i = CLIENTS
  :: else -> saw = waiting
  fi;
#endif
  look_up();
  do
  :: i < CLIENTS ->
    if
    :: is_in(word, i) -> look(i)
    :: else
    fi;
    atomic {
      if
      :: got -> got = false; word = 0; c = i; i = 0; overtook_nobody(); unlock(); goto R1
      :: else -> i++
      fi
    }
  :: else -> break
  od;
  atomic { i = 0; saw = 0; word = 0; unlock(); entering--; goto done }

R1: /* Somebody waits, or the pool is closed. */
  atomic {
    touch;
    if
    :: gate == 0 -> goto R2
    :: else
    fi
  }
  atomic {
    lock();
    if
    :: closed -> unlock(); goto R1_closed
    :: !closed && waiters > 0 -> hand(c); publish_gate()
    :: else -> unlock(); goto R2
    fi;
    unlock();
    c = 0
  }
  wake_all();
  goto end_pool;
R1_closed:
  hand_in(c);
  c = 0;
  wake_all();
  goto end_pool;

R2: /* Marks that this thread will look at the pool after the client is free. */
#if defined(DESTROYS) && !defined(MUT_TAIL_AFTER_FREE)
  atomic { touch; late = tail[c] }
  d_step {
    touch;
    if
#ifndef MUT_ONE_TAIL
    :: late -> late_tails[c]++
#endif
    :: else -> tail[c] = true; late = false
    fi
  }
#endif

R3: /* The entry, while the client and its token are this thread's. */
#ifndef MUT_FREE_BEFORE_PUSH
  atomic {
    touch;
    if
#ifdef MUT_R5_ASSUMES_NO_ENTRY
    :: queued[c] && !again -> pushed = true; goto R4
#else
    :: queued[c] -> pushed = true; goto R4
#endif
    :: else
    fi
  }
#ifdef MUT_MARK_AFTER_PUSH
  d_step {
    touch;
    must(holder[c] == me + 1, token_used_by_holder);
    must(!entry[c], one_entry_per_client);
    entry[c] = true;
    pushed = true
  }
  d_step { touch; queued[c] = true }
#else
  d_step { touch; drain(me); queued[c] = true }
  atomic {
    touch;
    must(holder[c] == me + 1, token_used_by_holder);
    must(!entry[c], one_entry_per_client);
    if
    :: entry[c] = true; pushed = true
#ifdef PUSH_MAY_FAIL
    :: pushed = false
#endif
    fi
  }
  if
  :: pushed
  :: else -> d_step { touch; queued[c] = false }
  fi;
#endif
#endif

R4: /* Free. Before the looks at the mark and the gate. */
  atomic { holder[c] = 0; unlisted = (state[c] == UNLISTED); store(FREE, c); FREE_FENCE }
#ifndef MUT_LIST_AFTER_GATE
  if
#ifndef MUT_NOT_LISTED_AGAIN
  :: unlisted -> d_step { touch; drain(me); listed = listed | bit_of(c); unlisted = false }
#endif
  :: else
  fi;
#endif

#ifdef MUT_FREE_BEFORE_PUSH
  atomic {
    touch;
    if
    :: queued[c] -> goto R6
    :: else
    fi
  }
  d_step { touch; queued[c] = true }
  d_step {
    touch;
    must(!entry[c], one_entry_per_client);
    entry[c] = true
  }
#endif

#ifdef MUT_TAIL_AFTER_FREE
  d_step { touch; late = tail[c] }
  d_step {
    touch;
    if
    :: late -> late_tails[c]++
    :: else -> tail[c] = true
    fi
  }
#endif

R5: /* A thread that popped the entry too early has dropped it: start over, if nobody else will.
     * From R3: others may have had the client, and queued it, between this look and the claim. */
#if !defined(MUT_NO_R5) && !defined(MUT_FREE_BEFORE_PUSH)
  atomic {
    touch;
    if
    :: queued[c] || (again && !pushed) -> again = false; pushed = false; goto R6
    :: else
    fi
  }
#ifdef MUT_R5_NO_CLAIM
  goto R3;
#else
  atomic {
    touch;
    if
#ifdef MUT_R5_NO_RESTART
    :: state[c] == IDLE -> claim(c)
#else
    :: state[c] == IDLE -> claim(c); again = true; goto R3
#endif
    :: else -> again = false; pushed = false
    fi
  }
#endif
#endif

R6: /* Who joined before the client was free has not seen it; nor has who closed the pool. */
#ifdef MUT_TAIL_CLEARED_EARLY
  atomic {
    touch;
    if
    :: late -> late_tails[c]--
    :: else -> tail[c] = false
    fi
  }
#endif
#ifndef MUT_NO_R6
  atomic {
    touch;
    if
    :: gate == 0 -> goto R7
    :: else
    fi
  }
  atomic { lock() }
  if
  :: closed ->
    d_step { unlock() }
#ifndef MUT_R6_NOT_COLLECTING
    atomic {
      touch;
      if
      :: state[c] == IDLE -> claim(c); got = true
      :: else
      fi
    }
    if
    :: got -> hand_in(c); got = false
    :: else
#ifdef MUT_FREED_BY_ANYBODY
      -> atomic { lock(); last = nobody_left; unlock() }
#endif
    fi
#endif
  :: else -> serve(); d_step { unlock() }
  fi;
  wake_all();
#endif

R7: /* The last look at the pool, unless it falls to this thread to free it. */
#ifdef MUT_LIST_AFTER_GATE
  if
  :: unlisted -> d_step { touch; drain(me); listed = listed | bit_of(c); unlisted = false }
  :: else
  fi;
#endif
#if defined(DESTROYS) && !defined(MUT_TAIL_CLEARED_EARLY)
  atomic {
    touch;
    drain(me);
    if
    :: late -> late_tails[c]--
    :: else -> tail[c] = false
    fi;
    late = false
  }
#endif
  c = 0;

end_pool:
#ifdef DESTROYS
  if
  :: last -> last = false; free_pool()
  :: else
  fi;
#else
  last = false;
#endif

done:
  atomic {
    round++;
    if
    :: round < ROUNDS -> goto A1
    :: else -> finished++
    fi
  }
}

/* --- threads that close the pool: the one that owns it, which destroys it as well, and others --- */

proctype Closer(byte me) {
  byte w, i, j, wakes, word;
  bool last, retiring, got;

  if
  :: me != OWNER ->
#ifndef MUT_CLOSER_NO_GUEST
    atomic { lock(); guest(1); unlock(); entering-- }
#else
    entering--;
#endif
    goto C1
  :: else
  fi;
#ifdef CLOSES
  goto C1;
#endif
retire:
  if
  :: me != OWNER -> goto G1
  :: else
  fi;
#ifdef DESTROYS
  entering == 0; /* the caller's promise */
  retiring = true;
#else
  goto done;
#endif

C1: /* Nobody joins any more, and all who joined are refused. */
  atomic {
    lock();
    closed = true;
#ifndef MUT_CLOSE_REFUSES_NOBODY
    do
    :: len(line[0]) > 0 -> line[0]?w; forget_waiter(w); wakes = wakes | bit_of(w)
    :: len(line[1]) > 0 -> line[1]?w; forget_waiter(w); wakes = wakes | bit_of(w)
    :: waiters == 0 -> break
    od;
    w = 0;
#endif
    publish_gate()
  }
C2:
#ifndef MUT_CLOSE_NOT_COLLECTING
  collect_idle();
#endif
C3:
  atomic {
    unlock();
    waiting = waiting | CLOSED;
    last = false;
#ifdef MUT_CLOSE_WAKES_NOBODY
    wakes = 0
#endif
  }
  wake_all();
  if
  :: retiring -> goto D1
  :: else
  fi;

K1: /* Until all clients are collected, */
  atomic {
    lock();
    if
    :: collected == CLIENTS -> unlock(); goto drained
    :: else -> record[me] = true; closers = closers | bit_of(me)
    fi;
    unlock()
  }
  atomic {
    if
    :: signal[me] -> signal[me] = false; record[me] = false; goto drained
#ifdef DEADLINE
    :: true
#endif
    fi
  }
K2: /* or until the deadline. */
  atomic {
    lock();
    if
    :: is_in(closers, me) ->
      closers = closers & ~bit_of(me);
      record[me] = false;
      unlock();
      goto retire
    :: else -> unlock()
    fi
  }
  atomic { signal[me]; signal[me] = false; record[me] = false }
drained:
  atomic { touch; must(collected == CLIENTS, all_come_back); goto retire }

G1: /* Another closer cuts all connections, and leaves. */
#ifdef DESTROYS
  atomic { touch; cut = (1 << CLIENTS) - 1 }
#ifndef MUT_CLOSER_NO_GUEST
  atomic { lock(); guest(-1); last = nobody_left; unlock() }
#endif
#endif
  goto end_pool;

D1: /* The connections of clients that nobody has; those of the others are cut when they come back. */
#ifdef DESTROYS
  i = 0;
  do
  :: i < CLIENTS ->
    d_step {
      touch;
      if
      :: state[i] == LEASED || state[i] == UNLISTED
      :: else -> cut = cut | bit_of(i)
      fi;
      i++
    }
  :: else -> i = 0; break
  od;
#endif
  atomic {
    lock();
    retired = true;
    last = nobody_left;
    unlock()
  }
end_pool:
#ifdef DESTROYS
  if
  :: last -> last = false; free_pool()
  :: else
  fi;
#endif
done:
  finished++
}

/* Drains store buffers at any time. */
active proctype Memory() {
end:
  do
  :: d_step { buffered[0] != NOTHING -> drain(0) }
  :: d_step { buffered[1] != NOTHING -> drain(1) }
#if THREADS > 1
  :: d_step { buffered[2] != NOTHING -> drain(2) }
#endif
#if THREADS > 2
  :: d_step { buffered[3] != NOTHING -> drain(3) }
#endif
#if THREADS > 3
  :: d_step { buffered[4] != NOTHING -> drain(4) }
#endif
  od
}

#if defined(CLOSES) || defined(DESTROYS)
#define ALL (THREADS + 1)
#else
#define ALL THREADS
#endif

init {
  byte n;

  atomic {
    do
    :: n < CLIENTS -> queued[n] = true; entry[n] = true; listed = listed | bit_of(n); n++
    :: else -> break
    od;
    n = 0;
    do
    :: n < THREADS && !is_in(CLOSERS, n) -> entering = entering + ROUNDS; run Worker(n); n++
    :: n < THREADS && is_in(CLOSERS, n) -> entering++; run Closer(n); n++
    :: else -> break
    od;
    n = 0;
#if ALL > THREADS
    run Closer(OWNER)
#endif
  }

  /* When all are done: conservation. */
  atomic {
    finished == ALL && buffered[0] + buffered[1] == NOTHING;
    do
    :: n < CLIENTS ->
      must(holder[n] == 0 && state[n] != LEASED && state[n] != UNLISTED, all_come_back);
#if ALL > THREADS
      must(state[n] == COLLECTED, all_come_back);
#else
      must(is_in(listed, n), every_idle_client_is_found);
#endif
#if ALL > THREADS
#elif defined(PUSH_MAY_FAIL)
      must(queued[n] == entry[n], every_idle_client_is_found);
#else
      must(queued[n] && entry[n], every_idle_client_is_found);
#endif
      must(!tail[n] && late_tails[n] == 0, books_are_even);
      n++
    :: else -> break
    od;
    must(!mutex && waiters == 0 && guests == 0 && closers == 0 && entering == 0, books_are_even);
    must(gate == (closed -> CLOSED : 0), books_are_even);
#ifdef DESTROYS
    must(freed, freed_once);
    must(cut == (1 << CLIENTS) - 1, every_connection_is_cut)
#endif
  }
}
