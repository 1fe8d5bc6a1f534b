// Copyright the Lockwalk authors. SPDX-License-Identifier: Apache-2.0
//
// All registers of an MMU and all books of its environment as words with names, so that two runs can be compared and a
// difference is told by its name. Wires and hints, which the next clock writes anew or which decide nothing, are not in it.
#ifndef LOCKWALK_TESTS_RUN_STATE_HH
#define LOCKWALK_TESTS_RUN_STATE_HH

#include "cycle/mmu_state.h"
#include "env/player.h"
#include "run/runner.h"

#include <string>
#include <vector>

extern "C" {
#include "pager/mmu_pager_internal.h"
}

class State
{
  public:
    explicit State(mmu_runner_t *run)
    {
        mmu(run->mmu);
        environment(run);
    }

    size_t size() const
    {
        return words_.size();
    }

    // "" or the first difference.
    static std::string difference(const State &a, const State &b)
    {
        for (size_t i = 0; i < a.words_.size() && i < b.words_.size(); i++) {
            const Word &x = a.words_[i], &y = b.words_[i];
            if (x.word != y.word || std::string(x.name) != y.name)
                return std::string(x.room) + x.name + ": " + std::to_string(x.word) + " and " + y.room +
                       y.name + ": " + std::to_string(y.word);
        }
        if (a.words_.size() != b.words_.size())
            return "another number of words";
        return "";
    }

  private:
    struct Word {
        const char *room, *name;
        uint64_t word;
    };
    std::vector<Word> words_;
    const char *room_ = "";

    void add(const char *name, uint64_t word)
    {
        words_.push_back({room_, name, word});
    }
    template <class T> void all(const char *name, const T *word, size_t n)
    {
        for (size_t i = 0; word != nullptr && i < n; i++)
            add(name, static_cast<uint64_t>(word[i]));
    }
    void ctx(const mmu_ctx_t &c)
    {
        for (uint64_t w : {uint64_t{c.asid}, uint64_t{c.root}, uint64_t{c.mode}, uint64_t{c.sum},
                           uint64_t{c.mxr}, uint64_t{c.v}, uint64_t{c.gmode}, uint64_t{c.vmid},
                           uint64_t{c.groot}, uint64_t{c.gmxr}, uint64_t{c.aux}, uint64_t{c.flags}})
            add("ctx", w);
    }
    void rq(const mmu_rq_t &r)
    {
        for (uint64_t w : {uint64_t{r.va}, uint64_t{r.acc}, uint64_t{r.size}, uint64_t{r.prv}})
            add("rq", w);
        ctx(r.ctx);
    }
    void line(const mmu_line_t &l)
    {
        for (uint64_t w : {l.key, l.mask, l.data, uint64_t{l.vm}})
            add("line", w);
    }
    void repl(const mmu_repl_t &r, size_t sets)
    {
        all("tree", r.plru.q.tree, r.policy == MMU_POLICY_PLRU ? sets : 0);
        all("ptr", r.fifo.q.ptr, r.policy == MMU_POLICY_FIFO ? sets : 0);
        all("rank", r.lru.q.rank, r.policy == MMU_POLICY_LRU ? sets : 0);
        all("used", r.nru.q.used, r.policy == MMU_POLICY_NRU ? sets : 0);
        add("lfsr", r.policy == MMU_POLICY_RANDOM ? r.lfsr.q.lfsr : 0);
    }
    void array(const mmu_array_t &a)
    {
        const size_t rows = static_cast<size_t>(a.cfg.sets) * a.cfg.ways;
        all("valid", a.q.valid, a.cfg.sets);
        all("key", a.q.key, rows);
        all("mask", a.q.mask, rows);
        all("data", a.q.data, rows);
        all("vm", a.q.vm, rows);
        repl(a.repl, a.cfg.sets);
    }
    void row_array(const mmu_row_array_t &a)
    {
        const size_t rows = static_cast<size_t>(a.cfg.sets) * a.cfg.ways;
        all("valid", a.q.valid, a.cfg.sets);
        all("mem_key", a.q.mem_key, rows);
        all("mem_mask", a.q.mem_mask, rows);
        all("mem_data", a.q.mem_data, rows);
        all("mem_vm", a.q.mem_vm, rows);
        add("rd_set", a.q.rd_set);
        repl(a.repl, a.cfg.sets);
    }
    void l1(const mmu_l1_t &l)
    {
        for (uint64_t w :
             {uint64_t{l.q.s1_valid}, uint64_t{l.q.s1_old}, uint64_t{l.q.s1_id}, uint64_t{l.q.s1_probe}})
            add("s1", w);
        rq(l.q.s1_rq);
        for (unsigned left = l.exists; left != 0; left &= left - 1)
            array(l.array[mmu_lowest(left)]);
    }
    void queue(const mmu_miss_queue_t &m)
    {
        const size_t n = m.cfg.entries;
        all("st", m.q.st, n);
        all("old", m.q.old, n);
        all("id", m.q.id, n);
        all("slot", m.q.slot, n);
        all("fault", m.q.fault, n);
        all("entry", m.q.entry, n);
        for (size_t i = 0; i < n; i++)
            rq(m.q.rq[i]);
    }
    void l2(const mmu_l2_t &l)
    {
        for (uint64_t w : {uint64_t{l.q.st}, uint64_t{l.q.wait}, uint64_t{l.q.probe}, uint64_t{l.q.port},
                           uint64_t{l.q.sel}, uint64_t{l.q.scan}, l.q.fence_key, l.q.fence_mask})
            add("l2", w);
        rq(l.q.rq);
        line(l.q.fill_row);
        for (unsigned left = l.exists; left != 0; left &= left - 1)
            row_array(l.array[mmu_lowest(left)]);
    }
    void walk_cache(const mmu_walk_cache_t &c)
    {
        for (unsigned left = c.exists; left != 0; left &= left - 1)
            array(c.array[mmu_lowest(left)]);
    }
    void walker(const mmu_walker_t &w)
    {
        const size_t n = w.cfg.slots;
        add("lock_valid", w.q.lock_valid);
        add("lock_slot", w.q.lock_slot);
        all("st", w.q.st, n);
        all("redo", w.q.redo, n);
        all("nofill", w.q.nofill, n);
        all("port", w.q.port, n);
        all("pos", w.q.pos, n);
        all("fault", w.q.fault, n);
        all("entry", w.q.entry, n);
        all("cas_old", w.q.cas_old, n);
        all("cas_new", w.q.cas_new, n);
        all("more", w.q.more, n);
        all("next", w.q.next, n);
        all("gst", w.q.gst, n);
        all("what", w.q.what, n);
        for (size_t i = 0; i < n; i++)
            rq(w.q.rq[i]);
        walk_cache(w.cache);
        walk_cache(w.gcache);
        array(w.gtlb.array);
    }
    void mmu(const mmu_t *m)
    {
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            room_ = p == 0 ? "l1[0]." : "l1[1].";
            l1(m->l1[p]);
            room_ = p == 0 ? "queue[0]." : "queue[1].";
            queue(m->queue[p]);
        }
        room_ = "arb.";
        add("l2", m->l2_arb.q.ptr);
        add("walk", m->walk_arb.q.ptr);
        room_ = "l2.";
        l2(m->l2);
        room_ = "walker.";
        walker(m->walker);
        room_ = "fence.";
        add("busy", m->fence.q.busy);
        add("wait", m->fence.q.wait);
        room_ = "pmp.";
        all("addr", m->pmp_regs.q.addr, m->cfg.pmp_entries);
        all("cfg", m->pmp_regs.q.cfg, m->cfg.pmp_entries);
    }

    // ---- the environment ----

    void req(const mmu_req_t &r)
    {
        for (uint64_t w :
             {uint64_t{r.valid}, uint64_t{r.id}, r.va, uint64_t{r.acc}, uint64_t{r.size}, uint64_t{r.prv}})
            add("req", w);
    }
    void play(const mmu_play_t &p)
    {
        for (uint64_t w :
             {p.va, p.raw, p.number, p.fetch, uint64_t{p.bytes}, uint64_t{p.acc}, uint64_t{p.refusals}})
            add("play", w);
    }
    void stats(const mmu_env_stats_t &s)
    {
        for (uint64_t w : {s.clocks, s.resets, s.retries, s.ad_set, s.mem_reads, s.mem_cas, s.mem_cas_failed,
                           s.mem_errors, s.answers_sum})
            add("stats", w);
        all("accepted", s.accepted, MMU_PORTS);
        all("answered", s.answered, MMU_PORTS);
        all("faults", s.faults, MMU_PORTS);
        all("pages_mapped", s.pages_mapped, 3);
        all("events", s.events, MMU_EVENT_W);
    }
    void memport(const mmu_memport_t &m)
    {
        add("rng", m.rng.state);
        add("seq", m.seq);
        add("busy", m.busy);
        for (const mmu_memport_slot_t &slot : m.slot)
            for (uint64_t w : {slot.due, slot.seq, slot.addr, slot.data, uint64_t{slot.err}})
                add("slot", w);
    }
    void stage(const mmu_stage_t *s)
    {
        add("clock", s->clock);
        add("progress", s->progress);
        all("outstanding", s->outstanding, MMU_PORTS);
        all("offering", s->offering, MMU_PORTS);
        all("offered", s->offered, MMU_PORTS);
        all("last_id", s->last_id, MMU_PORTS);
        stats(s->stats);
        memport(s->memport);
        for (unsigned p = 0; p < MMU_PORTS; p++)
            for (const mmu_env_pending_t &pending : s->pending[p]) {
                for (uint64_t w :
                     {uint64_t{pending.busy}, uint64_t{pending.killed}, pending.clock, pending.ended})
                    add("pending", w);
                req(pending.req);
                ctx(pending.ctx);
            }
    }
    void pages(const mmu_stage_t *s, const mmu_pager_t *pager)
    {
        add("pages", pager->count);
        for (size_t i = 0; i < pager->count; i++) {
            const mmu_page_t &p = pager->pages[i];
            for (uint64_t w : {p.va, p.pa, p.pte_addr, p.clock, uint64_t{p.lg}})
                add("page", w);
            if (mmu_mem_is_ram(s->mem, p.pte_addr & ~UINT64_C(7), 8))
                add("word", mmu_mem_read(s->mem, p.pte_addr & ~UINT64_C(7), true));
        }
        add("regions", pager->regions.count);
    }
    void player(const mmu_stage_t *s, const mmu_in_t &in, const mmu_player_t *p)
    {
        for (uint64_t w :
             {p->number, uint64_t{p->have_head}, uint64_t{p->ended}, uint64_t{p->whole}, p->fetch,
              uint64_t{p->pieces_left}, p->accesses, uint64_t{p->done}, uint64_t{p->rest.size}})
            add("player", w);
        if (p->have_head)
            play(p->head);
        for (unsigned port = 0; port < MMU_PORTS; port++) {
            add("retries", p->retries[port].count);
            for (unsigned i = 0; i < p->retries[port].count; i++)
                play(p->retries[port].play[(p->retries[port].first + i) % MMU_IDS]);
            for (unsigned id = 0; id < MMU_IDS; id++)
                if ((s->outstanding[port] >> id & 1u) != 0 || (in.req[port].valid && in.req[port].id == id))
                    play(p->flight[port][id]);
        }
        pages(s, p->pager);
    }
    void environment(mmu_runner_t *run)
    {
        const mmu_stage_t *s = mmu_env_stage(run->env);
        room_ = "in.";
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            req(run->in.req[p]);
            ctx(run->in.ctx[p]);
        }
        for (uint64_t w :
             {uint64_t{run->in.mreq_ready}, uint64_t{run->in.mrsp.valid}, uint64_t{run->in.mrsp.id},
              run->in.mrsp.data, uint64_t{run->in.fence.valid}, uint64_t{run->in.pmp.valid}})
            add("in", w);
        room_ = "stage.";
        stage(s);
        room_ = "player.";
        player(s, run->in, reinterpret_cast<const mmu_player_t *>(mmu_env_stimulus(run->env)));
        room_ = "run.";
        times(run->result);
    }
    void hist(const mmu_hist_t &h)
    {
        add("count", h.count);
        add("sum", h.sum);
        add("max", h.max);
        all("bucket", h.bucket, MMU_HIST_BUCKETS);
    }
    void times(const mmu_run_result_t &r)
    {
        for (unsigned p = 0; p < MMU_PORTS; p++) {
            hist(r.translation[p]);
            hist(r.queueing[p]);
        }
        hist(r.walk);
        add("warmed", r.warmed);
        stats(r.warmup);
        for (size_t i = 0; i < r.windows; i++) {
            const mmu_run_window_t &w = r.window[i];
            for (uint64_t word : {w.clocks, w.accesses, w.l1_misses[0], w.l1_misses[1], w.l2_misses, w.walks})
                add("window", word);
        }
    }
};

#endif
