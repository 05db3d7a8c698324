using System.Diagnostics;
using System.Globalization;
using Newtonsoft.Json.Linq;
using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Audio;
using OscLooper.Server.Commands;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>
/// [main] The child process of an isolated imp: a server of one module, without network, device or vault, played by what lies in shared memory.
/// It ends with its parent, and when its module fails.
/// </summary>
sealed class ModuleHost
{
    /// <summary>[main] The first word of its command line.</summary>
    public const string Word = "module-host";
    const int BlockFrames = 128, PatienceMilliseconds = 20, OverdueMilliseconds = 4000, WorkerMilliseconds = 20_000;
    const string HeapLimit = "0x20000000";   // half a gigabyte of managed memory is enough for one module

    readonly ChildLink link;
    readonly Server server;
    readonly CancellationTokenSource end = new();
    readonly Imp imp;
    // One sets and another one watches: who sets a value himself is not told of it.
    readonly LocalClient setter, watcher;
    SharedSound? shared;
    Timer? overdueEnd;
    string overdue = "";

    ModuleHost(ChildLink link, string folder, string module, string name, AudioFormat format)
    {
        this.link = link;
        server = new Server(new ServerOptions { OscPort = 0, Audio = "none", Rate = format.Rate, Inputs = format.Inputs, Outputs = format.Outputs, ModulesFolder = folder, Modules = ["none"], Quiet = true });
        server.Realm.PeriodSeconds = 1e9;
        // Its parent's budgets and watch are for what it asks of it; what the module does besides is looked at here.
        server.Realm.WatchesCalls = false;
        server.Logged = (level, line) => { if (level >= LogLevel.Warning) Console.Error.WriteLine($"osclooper: {name}: {line}"); };
        (setter, watcher) = (server.Connect("parent"), server.Connect("parent's watch"));
        watcher.Heard = reply => link.Send(ChildLink.Plain, reply.Message.ToBytes());
        setter.Heard = reply => server.Log(LogLevel.Warning, reply.Message.ToString());
        // Nothing that hangs here is waited for: the parent makes another process.
        server.HangFound = why => Fail(why, why);
        server.Realm.StateChanged = changed => TellOverdue(name, changed);
        imp = server.Realm.Want(name, module, frozen: true)!;
        server.PumpUntil(() => !imp.IsBusy);
    }

    void TellOverdue(string name, Imp changed)
    {
        if (changed.Name != name || changed.Overdue == overdue) return;
        overdue = changed.Overdue;
        link.Send(new JObject { ["overdue"] = overdue });
        overdueEnd?.Dispose();
        var why = overdue;
        overdueEnd = why.Length == 0 || server.Realm.Hangs.ToldOf(name, changed.Slot) is not { IsLate: true, Stay: var stay } ? null
            : new Timer(_ => Fail(why, why), null, stay.Kind == StayKind.Work ? WorkerMilliseconds : OverdueMilliseconds, Timeout.Infinite);
    }

    void Fail(string why, string stack)
    {
        link.Send(new JObject { ["fault"] = why, ["stack"] = stack });
        EndSignal.EndNow(CommandLine.Failed);
    }

    /// <summary>[worker] How the parent starts it.</summary>
    public static ProcessStartInfo Command(ModuleFile module, string imp, string file, AudioFormat format)
    {
        string[] words = [Word, Path.GetDirectoryName(module.Path)!, module.Name, imp, file, .. ((int[])[format.Rate, format.Inputs, format.Outputs]).Select(n => n.ToString(CultureInfo.InvariantCulture))];
        var start = Supervisor.Command(words);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.WorkingDirectory) = (true, true, Path.GetTempPath());
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        return start;
    }

    /// <summary>[main] The life of the child; the answer is the exit code.</summary>
    public static int Run(string[] words)
    {
        Supervisor.EndWithParent();
        Confinement.Enter(words);
        var link = new ChildLink(Console.OpenStandardInput(), Console.OpenStandardOutput());
        // What a module prints must not come between.
        Console.SetOut(Console.Error);
        int Number(int i) => int.Parse(words[i], CultureInfo.InvariantCulture);
        var host = new ModuleHost(link, words[1], words[2], words[3], new AudioFormat(Number(5), Engine.MaxFrames, Number(6), Number(7), false));
        return host.Live(words[4]);
    }

    int Live(string file)
    {
        if (imp.Now is not { } one || imp.State != ImpState.Frozen)
        {
            link.Send(new JObject { ["failed"] = imp.Reason, ["stack"] = imp.Fault });
            return CommandLine.Failed;
        }
        var tree = one.Slot.Tree;
        var (ins, outs) = (tree.Ins.ConvertAll(p => (p.Name, p.Lanes)), tree.Outs.ConvertAll(p => (p.Name, p.Lanes)));
        shared = new SharedSound(file, ins.Sum(p => p.Lanes), outs.Sum(p => p.Lanes));
        Join("host_source", at => new HostSource(at, shared, ins, tree.NoteIns.Count));
        Join("host_sink", at => new HostSink(at, shared, outs, tree.NoteOuts.Count));
        server.Realm.Stage.Known.Add(imp.Name);
        server.Realm.TakePatch(PatchOf(tree));
        server.Engine.WarmUp();

        var code = CommandLine.Well;
        server.Realm.StateChanged = changed =>
        {
            TellOverdue(imp.Name, changed);
            if (changed != imp || changed.State is not (ImpState.Faulted or ImpState.Quarantined)) return;
            // The parent's realm knows what to do about it.
            link.Send(new JObject { ["fault"] = changed.Reason, ["stack"] = changed.Fault });
            code = CommandLine.Failed;
            end.Cancel();
        };
        link.Send(new JObject { ["ready"] = Described.Of(tree, one.Module) });
        new Thread(Listen) { IsBackground = true }.Start();
        var audio = new Thread(Play) { IsBackground = true, Priority = ThreadPriority.Highest };
        audio.Start();
        server.Run(end.Token);
        end.Cancel();
        audio.Join();
        server.Dispose();
        return code;
    }

    void Join(string name, Func<Branch, Module> make)
    {
        server.Realm.Library.Add(name, make);
        var joined = server.Realm.Want(name, name)!;
        server.PumpUntil(() => !joined.IsBusy);
    }

    Patch PatchOf(Tree tree)
    {
        var patch = new Patch();
        for (var port = 0; port < tree.Ins.Count; port++)
            for (var lane = 0; lane < tree.Ins[port].Lanes; lane++) patch.Connect(new("host_source", $"in{port}", lane), new(imp.Name, tree.Ins[port].Name, lane), out _);
        for (var port = 0; port < tree.Outs.Count; port++)
            for (var lane = 0; lane < tree.Outs[port].Lanes; lane++) patch.Connect(new(imp.Name, tree.Outs[port].Name, lane), new("host_sink", $"out{port}", lane), out _);
        for (var port = 0; port < tree.NoteIns.Count; port++) patch.ConnectNotes(new("host_source", $"notes{port}"), new(imp.Name, tree.NoteIns[port]), out _);
        for (var port = 0; port < tree.NoteOuts.Count; port++) patch.ConnectNotes(new(imp.Name, tree.NoteOuts[port]), new("host_sink", $"notes{port}"), out _);
        return patch;
    }

    // The sound card is the parent: as much time passes here as has passed there.
    void Play()
    {
        Engine.EnterThread();
        long done = server.Engine.Status.Frame;
        var offset = done;
        var rested = 0;
        while (!end.IsCancellationRequested)
        {
            var first = shared!.FirstFrame;
            var there = shared.InFrame - first + offset - done;
            if (shared.InFrame == 0 || there <= 0 || shared.FirstFrame != first)
            {
                Thread.Sleep(1);
                if (++rested < PatienceMilliseconds) continue;
                // While the parent does not play, time goes on all the same: whoever freezes wants to fade.
                shared.IsIdle = true;
                Process(BlockFrames);
                (done, offset) = (done + BlockFrames, offset + BlockFrames);
                continue;
            }
            (rested, shared.IsIdle, shared.Base) = (0, false, first - offset);
            var count = (int)Math.Min(there, BlockFrames);
            while (shared.TryPeek(out var e) && e.Frame - first + offset < done + count)
            {
                shared.TakeEvent();
                server.Engine.Beside.TryWrite(e with { Frame = e.Frame - first + offset, Target = imp.Slot << Event.LeafBits | e.Leaf, Client = 0 });
            }
            server.Engine.Clock.Anchor(done, SampleClock.MonotonicNow, 1e9 / server.Format.Rate);
            Process(count);
            done += count;
            shared.OutFrame = first + done - offset;
        }
    }

    unsafe void Process(int frames) => server.Engine.Process(null, null, frames);

    void Listen()
    {
        while (link.TryReceive(out var number, out var bytes))
        {
            if (number == ChildLink.Control) Obey(JObject.Parse(System.Text.Encoding.UTF8.GetString(bytes)));
            else if (number == ChildLink.Plain) server.Workers.Post(() => setter.Send(bytes));
            else server.Workers.Post(() => Ask(number, bytes));
        }
        end.Cancel();
    }

    void Ask(int number, byte[] bytes)
    {
        var asker = server.Connect($"job {number}");
        asker.Heard = reply =>
        {
            link.Send(number, reply.Message.ToBytes());
            if (reply.Message.Address is "/done" or "/fail") server.Workers.Post(() => server.Farewell(asker));
        };
        asker.Send(bytes);
    }

    void Obey(JObject order)
    {
        var reply = new JObject { ["reply"] = order["number"] };
        if ((string?)order["do"] == "watch")
        {
            server.Workers.Post(() =>
            {
                server.Subscriptions.End(watcher);
                watcher.Send("/server/subscribe", $"/{imp.Name}//*");
            });
            return;
        }
        if ((string?)order["do"] is "unfreeze" or "freeze")
        {
            server.Workers.Post(() => _ = Turn((string?)order["do"] == "unfreeze", reply));
            return;
        }
        try
        {
            var (module, folder) = (imp.Module, (string?)order["folder"] ?? "");
            switch ((string?)order["do"])
            {
                case "save": ((IPersist)module!).Save(new DirectoryInfo(folder)); break;
                case "load": ((IPersist)module!).Load(new DirectoryInfo(folder), (int)order["version"]!); break;
                case "before_load": reply["token"] = ((ICarry)module!).BeforeLoad(); break;
                case "after_load": ((ICarry)module!).AfterLoad((string?)order["token"]); break;
            }
        }
        catch (Exception trouble)
        {
            (reply["why"], reply["stack"]) = (FaultText.Line(trouble), FaultText.Stack(trouble));
            if (DiskTrouble.Find(trouble) is { } disk) reply["disk"] = new JArray(disk.Message, disk.HResult);
        }
        link.Send(reply);
    }

    async Task Turn(bool isOn, JObject reply)
    {
        await server.Realm.Turn(imp, isOn);
        if (imp.State != (isOn ? ImpState.Active : ImpState.Frozen)) reply[imp.State == ImpState.Frozen ? "reason" : "why"] = imp.Reason.Length > 0 ? imp.Reason : $"it is {imp.State}";
        reply["stack"] = imp.Fault;
        link.Send(reply);
    }
}
