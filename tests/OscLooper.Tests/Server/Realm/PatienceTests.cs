using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>For how long code could have come back and did not, by a clock and figures of threads of the test's own.</summary>
public class PatienceTests
{
    const long Millisecond = 1_000_000;
    static readonly object call = new();

    // What the kernel would say of the thread, in nanoseconds.
    sealed class Machine
    {
        public long Now = 5_000_000_000;
        public ThreadLook Thread = new(true, 7_000_000_000, 3_000_000_000, 0);
        public Patience Patience { get; }

        public Machine() => Patience = new(() => Now, (_, _) => Thread);

        /// <summary>So long passes, of which the thread computes so much, waits for a processor so long, reads so many bytes, and is then ready or waits for something else.</summary>
        public Machine Pass(int milliseconds, int computed = 0, int queued = 0, long bytes = 0, bool isReady = true)
        {
            Now += milliseconds * Millisecond;
            Thread = new(isReady, Thread.Computed + computed * Millisecond, Thread.Queued + queued * Millisecond, Thread.Bytes + bytes);
            return this;
        }

        public CodeBegin Begin(bool knowsQueue = false) => new(Now, Thread.Computed, knowsQueue ? Thread.Queued : -1);

        public int Look(CodeBegin? begun, StayKind kind = StayKind.Call, object? of = null, long mark = 0) =>
            (int)Math.Round(1000 * Patience.Look(new Stay(of ?? call, "imp", "Work", "thread", kind) { Begun = begun, Mark = mark }));
    }

    [Test]
    public void Time_counts_from_when_the_code_began_not_from_when_it_was_first_seen()
    {
        var machine = new Machine();
        var begun = machine.Begin();
        Assert.That(machine.Pass(190, computed: 190).Look(begun), Is.EqualTo(190));
        Assert.That(machine.Pass(50, computed: 50).Look(begun), Is.EqualTo(240));
        Assert.That(machine.Look(null, of: new object()), Is.Zero, "of whom that is not known, time counts from the first look");
    }

    [Test]
    public void Endless_code_is_told_of_within_a_second_though_it_is_looked_at_seldom_at_first()
    {
        var machine = new Machine();
        var start = machine.Now;
        var begun = machine.Begin();
        var watch = new CodeWatch(() => new Stay(call, "imp", "Work", "thread") { Begun = begun }, machine.Patience);
        // Nothing was under way: 200 ms until somebody looks, from then on 50 ms.
        machine.Pass(200, computed: 200);
        while (!watch.Look(machine.Now / 1e9)) machine.Pass(50, computed: 50);
        Assert.That((machine.Now - start) / Millisecond, Is.LessThanOrEqualTo(650));
        Assert.That(watch.Told?.Text, Is.EqualTo("Work has not come back for 0.6 s"));
    }

    [Test]
    public void Time_in_which_others_had_the_processor_does_not_count_neither_before_the_first_look_nor_after()
    {
        var machine = new Machine();
        var begun = machine.Begin();
        Assert.That(machine.Pass(900, computed: 90, queued: 810).Look(begun), Is.EqualTo(90));
        Assert.That(machine.Pass(1000, computed: 100, queued: 900).Look(begun), Is.EqualTo(190));
        // It waits for something else now; until then it waited for a processor.
        Assert.That(machine.Pass(1000, computed: 100, queued: 850, isReady: false).Look(begun), Is.EqualTo(340));
        // What it waited for before the first look is not known of a thread: no more than one look's time counts.
        Assert.That(machine.Pass(5000, computed: 0, queued: 4900, isReady: false).Look(new CodeBegin(machine.Now - 5000 * Millisecond, 0), of: new object()), Is.EqualTo(200));
    }

    [Test]
    public void Of_a_process_that_was_started_for_it_all_is_known_from_the_beginning()
    {
        var machine = new Machine { Thread = new(true, 0, 0, 0) };
        var begun = machine.Begin(knowsQueue: true);
        Assert.That(machine.Pass(800, computed: 300, queued: 200, isReady: false).Look(begun), Is.EqualTo(600));
        Assert.That(machine.Pass(100, computed: 100).Look(begun, of: new object()), Is.EqualTo(400), "who is at work counts by what it has computed");
    }

    [Test]
    public void Load_goes_on_from_where_the_constructor_was_and_what_was_read_before_is_no_sign_of_life_of_it()
    {
        var machine = new Machine { Thread = new(true, 0, 0, 0) };
        var begun = machine.Begin(knowsQueue: true);
        machine.Pass(300, computed: 300).Look(begun);
        Assert.That(machine.Pass(50, computed: 50, bytes: 1 << 24).Look(begun, StayKind.Data), Is.EqualTo(350));
        Assert.That(machine.Pass(50, computed: 50).Look(begun, StayKind.Data), Is.EqualTo(400));
        Assert.That(machine.Pass(50, computed: 50, bytes: 1 << 24).Look(begun, StayKind.Data), Is.Zero, "it reads");
    }

    [Test]
    public void Who_says_how_far_it_is_or_reads_begins_anew()
    {
        var machine = new Machine();
        var begun = machine.Begin();
        machine.Pass(100, computed: 100).Look(begun);
        machine.Pass(400, computed: 400);
        Assert.That(machine.Look(null, StayKind.Data, mark: 1), Is.Zero);
        Assert.That(machine.Pass(100, computed: 100, bytes: 1 << 20).Look(null, StayKind.Data, mark: 1), Is.Zero);
        Assert.That(machine.Pass(100, computed: 100, bytes: 100).Look(null, StayKind.Data, mark: 1), Is.EqualTo(100));
    }

    [Test]
    public void Work_that_waits_for_another_program_is_not_late_and_work_that_computes_is()
    {
        var machine = new Machine();
        var begun = machine.Begin();
        Assert.That(machine.Pass(2000, computed: 100, isReady: false).Look(begun, StayKind.Work), Is.Zero);
        Assert.That(machine.Pass(200, computed: 200).Look(begun, StayKind.Work), Is.EqualTo(200));
        var of = new object();
        begun = machine.Begin();
        Assert.That(machine.Pass(200, computed: 190).Look(begun, StayKind.Work, of), Is.EqualTo(190));
        Assert.That(machine.Pass(100, computed: 10).Look(begun, StayKind.Work, of), Is.EqualTo(200), "it waits for a processor, which is counted when it has got one");
    }

    [Test]
    public void A_start_that_takes_long_says_so()
    {
        var stay = new Stay(call, "imp", "its constructor", "") { IsStart = true, PatienceSeconds = Stay.StartNoticeSeconds };
        Assert.That(stay.LateText, Is.EqualTo("is slow to start: after 0.7 s its constructor has not come back"));
    }

    [Test]
    public void What_a_process_says_is_looked_at_at_once()
    {
        var (hangs, said, woken) = (new Hangs(), "", 0);
        hangs.Wake = () => woken++;
        hangs.Watch(new CodeWatch(() => said.Length == 0 ? default : new(call, "imp", "", "") { Said = said }));
        hangs.Look();
        said = "Work has not come back";
        hangs.LookNow();
        Assert.That((hangs.Look(), woken, hangs.Count), Is.EqualTo((true, 1, 1)));
        Assert.That(hangs.Lines, Is.EqualTo(new[] { "imp: Work has not come back" }));
    }

    [Test]
    public void A_process_has_computed_what_all_its_threads_have()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("needs /proc of Linux");
        var thread = ThreadLook.At(WorkItem.ThisThread, withBytes: true);
        var process = ThreadLook.At($"/proc/{Environment.ProcessId}", withBytes: true);
        Assert.That((thread.IsReady, process.IsReady), Is.EqualTo((true, true)), "this thread computes");
        Assert.That(process.Computed, Is.GreaterThanOrEqualTo(thread.Computed));
        Assert.That(process.Bytes, Is.GreaterThanOrEqualTo(thread.Bytes).And.GreaterThan(0));
        Assert.That(ThreadLook.At("/proc/self/task/0", true), Is.EqualTo(default(ThreadLook)));
        Assert.That(ThreadLook.At("/proc/0", true), Is.EqualTo(default(ThreadLook)));
    }

    [Test]
    public void A_loop_that_the_collector_stops_stays_late_and_work_that_waits_for_a_second_is_well()
    {
        var machine = new Machine();
        var begun = machine.Begin();
        Assert.That(machine.Pass(500, computed: 500).Look(begun, StayKind.Work), Is.EqualTo(500));
        Assert.That(machine.Pass(40, isReady: false).Look(begun, StayKind.Work), Is.Zero, "before it is late, each wait is a sign of life");
        Assert.That(machine.Pass(700, computed: 700).Look(begun, StayKind.Work), Is.EqualTo(700));
        for (var n = 0; n < 4; n++) Assert.That(machine.Pass(200, isReady: false).Look(begun, StayKind.Work), Is.EqualTo(700));
        Assert.That(machine.Pass(100, computed: 90).Look(begun, StayKind.Work), Is.EqualTo(790));
        for (var n = 0; n < 4; n++) Assert.That(machine.Pass(200, isReady: false).Look(begun, StayKind.Work), Is.EqualTo(790));
        Assert.That(machine.Pass(250, isReady: false).Look(begun, StayKind.Work), Is.Zero);
    }
}
