using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>
/// [any] The only one who configures: hears what controls do and sends what is bound to them, lights their lamps, and keeps presets.
/// It does to others what any client may do and nothing else.
/// </summary>
[Module("enchanter", "Binds what controllers do to addresses, lights their pads, keeps presets.")]
public sealed class EnchanterModule : Module, ILive, IPersist, IBackground
{
    // Knobs as smooth as a hand; buttons come at once, every one.
    const double Hertz = 250, WaitSeconds = 0.005;

    readonly AudioSide audio;
    readonly Desk desk;
    readonly Speaker speaker;
    readonly IReadOnlyList<Profile> profiles;
    readonly Binder binder;
    readonly Plugs plugs;
    readonly Dictionary<Profile, Lamps> lamps = [];
    readonly Dictionary<string, Scheme> schemes = [];
    readonly Ear ear;
    readonly Presets presets;
    readonly List<IDisposable> watches = [];
    readonly Errand learning, learnt, controllers;
    volatile Memory memory = new();
    double framesPerSecond = 48000;
    long tickedFrame;
    volatile bool isStarted, isWaiting;
    int starts;

    /// <summary>[main] Declares.</summary>
    public EnchanterModule(Branch at)
    {
        (audio, desk) = (at.Audio, at.Desk);
        speaker = new Speaker(desk);
        profiles = Profiles.All(desk);
        binder = new Binder(speaker, profiles);
        plugs = new Plugs(speaker, profiles, PortChanged);
        presets = new Presets(desk, speaker, binder, schemes);
        foreach (var profile in profiles)
        {
            lamps[profile] = new Lamps(desk, profile);
            if (profile.Scheme == "grid") schemes[profile.Name] = new Grid(speaker, profile, binder, lamps[profile]);
            else if (profile.Scheme == "wrap_manual") schemes[profile.Name] = new WrapManual(speaker, () => Seconds, (name, patterns) => presets.Store(name, patterns) is null, presets.Recall);
        }
        foreach (var lamp in lamps.Values) lamp.Waits = Hurry;
        foreach (var scheme in schemes.Values) scheme.Waits = Hurry;
        ear = new Ear(profiles, binder, schemes);
        var bindSpecs = new[] { Spec.Range(double.MinValue, double.MaxValue, 0).Named("low").OrNothing(), Spec.Range(double.MinValue, double.MaxValue, 1).Named("high").OrNothing(), Spec.Text.Named("how").OrNothing() };
        at.Job("profile", [Spec.Label.OrNothing()], "Gives a controller the bindings of its profile again; without a name lists the profiles: .item name title ports.", Profile);
        at.Job("bind", [Spec.Label.Named("control"), Spec.Pattern.Named("address"), .. bindSpecs],
            $"Binds a control (\"apc_key_25_mk2/knob/1\") to an address, with fixed arguments if you like (\"/looper/channel/1/scene 2\"), over a range; how = words of: {Binding.Words}.", Bind);
        at.Job("unbind", [Spec.Label.Named("control"), Spec.Pattern.Named("address").OrNothing()], "Frees a control, or takes one address away from it.", Unbind, Traits.Destroys);
        at.Job("learn", [Spec.Pattern.Named("address"), .. bindSpecs], "Binds whatever is moved next; an empty address gives up waiting.", Learn);
        learning = at.Setting("learning", Spec.Text, "The address that waits for a control to be moved; empty = none.", traits: Traits.ReadOnly);
        learnt = at.Setting("learnt", Spec.Text, "The control that was bound by learning last.", traits: Traits.ReadOnly | Traits.Happening);
        controllers = at.Setting("controllers", Spec.Text, "Names of the controllers that are there now, one in a line.", traits: Traits.ReadOnly);
        at.Setting("latency", Spec.Count(1, 64, 1) with { Unit = "blocks" }, "How long after it was played a press acts, to the frame: on a busy machine more blocks keep presses evenly spaced.", change =>
        {
            ear.Latency = (int)change.Number;
            return true;
        });
        at.Job("bindings", [Spec.Label.Named("controller").OrNothing()], "Lists the bindings: .item control address low high how; /done carries how many.", List);
        at.Job("presets", [], "Lists the presets: .item name values; /done carries how many.", call =>
        {
            foreach (var preset in presets.All) call.Reply(".item", preset.Name, preset.Count);
            call.Done(presets.All.Count);
        });
        var preset = at.Child("preset");
        preset.Job("store", [Spec.Label, Spec.Rest.UpTo(Spec.LongestPattern).Named("patterns")], "Keeps what addresses say now under a name: those of the patterns, or all that are bound.", Store);
        preset.Job("recall", [Spec.Label], "Sends everything that a preset has kept.", call => Finish(call, presets.Recall(call.Text(0)), $"no preset is called \"{call.Text(0)}\""));
        preset.Job("remove", [Spec.Label], "Forgets a preset.", call => Finish(call, presets.Remove(call.Text(0)), $"no preset is called \"{call.Text(0)}\""), Traits.Destroys);
        at.Job("pages", [Spec.Text.Named("folder")], "Writes a page with a picture for every controller: what each pad and knob does.", Pages);
        binder.Changed = presets.Changed = Remember;
        speaker.Said = Said;
        ear.Learnt = HasLearnt;
    }

    double Seconds => audio.NextFrame / framesPerSecond;

    /// <summary>[main, frozen] Takes the rate.</summary>
    public override void Prepare(AudioFormat format) => framesPerSecond = format.Rate;

    /// <summary>[worker] Begins to listen.</summary>
    public bool Unfreeze(out string reason)
    {
        reason = "";
        desk.Post(Start);
        return true;
    }

    /// <summary>[worker] Listens no more; the devices keep what they play.</summary>
    public void Freeze() => desk.Post(Stop);

    void Start()
    {
        if (isStarted) return;
        isStarted = true;
        starts++;
        Take(memory);
        // There is much to listen to: main serves others in between.
        Next(() =>
        {
            foreach (var scheme in schemes.Values) scheme.Start();
        });
        Next(() => ear.Start(desk, Hertz, watches));
        Next(plugs.Start);
    }

    void Next(Action step)
    {
        var mine = starts;
        desk.Post(() =>
        {
            if (isStarted && starts == mine) step();
        });
    }

    void Stop()
    {
        if (!isStarted) return;
        Remember();
        isStarted = false;
        plugs.Stop();
        foreach (var watch in watches) watch.Dispose();
        watches.Clear();
        foreach (var scheme in schemes.Values) scheme.Stop();
        foreach (var lamp in lamps.Values) lamp.Go();
        binder.Stop();
    }

    void Said(string address, object[] values)
    {
        binder.Heard(address, values);
        foreach (var scheme in schemes.Values) scheme.Said(address, values);
    }

    // A device has come or gone.
    void PortChanged(Profile profile, bool isInput)
    {
        if (plugs.PortsOf(profile, isInput).Any()) schemes.GetValueOrDefault(profile.Name)?.Come();
        if (isInput)
        {
            binder.Forget(profile.Name);
            if (!plugs.PortsOf(profile, isInput: true).Any() && schemes.TryGetValue(profile.Name, out var scheme)) scheme.Release();
        }
        else if (plugs.OutputOf(profile) is not { } port) lamps[profile].Go();
        else if (lamps[profile].Port != port) lamps[profile].Come(port);
        desk.Publish(controllers, -1, string.Join('\n', profiles.Where(p => plugs.PortsOf(p, true).Any()).Select(p => p.Name)));
    }

    // Lights and keys that are held want it often, the others once in a while.
    void Hurry()
    {
        if (isWaiting) return;
        isWaiting = true;
        audio.WakeBackground();
    }

    /// <summary>[worker] Once a second, and for each block that passes while a light waits to be sent or a key is held.</summary>
    public double DueSeconds => isWaiting ? WaitSeconds : 1;

    /// <summary>[worker] Lights, and keys that are held.</summary>
    public void Work()
    {
        var now = audio.NextFrame;
        if (!isStarted || now == tickedFrame) return;
        tickedFrame = now;
        desk.Post(Tick);
    }

    void Tick()
    {
        if (!isStarted) return;
        foreach (var scheme in schemes.Values) scheme.Tick(Seconds);
        foreach (var lamp in lamps.Values) lamp.Flush(Seconds);
        isWaiting = lamps.Values.Any(l => l.IsDirty) || schemes.Values.Any(s => s.IsWaiting);
    }

    static double? Given(JobCall call, int index) => call.Count > index ? call.Number(index) : null;

    static void Finish(JobCall call, bool isDone, string why)
    {
        if (isDone) call.Done();
        else call.Fail(Reason.NotFound, why);
    }

    void Bind(JobCall call)
    {
        if (binder.Bind(call.Text(0), call.Text(1), Given(call, 2), Given(call, 3), call.Text(4), out var why)) call.Done();
        else call.Fail(Reason.Refused, why);
    }

    void Unbind(JobCall call)
    {
        var gone = binder.Unbind(call.Text(0), call.Text(1), out var why);
        if (gone > 0) call.Done(gone);
        else call.Fail(Reason.NotFound, why);
    }

    void Learn(JobCall call)
    {
        var address = call.Text(0);
        if (address != "" && Binding.Read("", address, Given(call, 1), Given(call, 2), call.Text(3), out var why) is null)
        {
            call.Fail(Reason.Refused, why);
            return;
        }
        var (low, high, how) = (Given(call, 1), Given(call, 2), call.Text(3));
        ear.Learning = address == "" ? null : control => binder.Bind(control, address, low, high, how, out _);
        desk.Publish(learning, -1, address);
        call.Done();
    }

    void HasLearnt(string control)
    {
        desk.Publish(learning, -1, "");
        desk.Publish(learnt, -1, control);
        desk.Log(LogLevel.Info, $"{control} is bound");
    }

    void List(JobCall call)
    {
        var count = 0;
        foreach (var b in binder.All.Where(b => call.Text(0) == "" || b.Control.StartsWith(call.Text(0) + "/", StringComparison.Ordinal)).OrderBy(b => b.Control, StringComparer.Ordinal))
        {
            call.Reply(".item", b.Control, b.Target, (float)(b.Low ?? 0), (float)(b.High ?? 1), b.How);
            count++;
        }
        call.Done(count);
    }

    void Profile(JobCall call)
    {
        if (call.Count == 0)
        {
            foreach (var p in profiles) call.Reply(".item", p.Name, p.Title, string.Join('\n', plugs.PortsOf(p, true).Concat(plugs.PortsOf(p, false)).Distinct()));
            call.Done(profiles.Count);
        }
        else if (profiles.FirstOrDefault(p => p.Name == call.Text(0)) is { } profile)
        {
            binder.Reset(profile);
            if (schemes.TryGetValue(profile.Name, out var scheme)) scheme.State = scheme.State;
            call.Done();
        }
        else call.Fail(Reason.NotFound, $"no profile is called \"{call.Text(0)}\"");
    }

    void Store(JobCall call)
    {
        var patterns = Enumerable.Range(1, Math.Max(0, call.Count - 1)).Select(call.Text).ToArray();
        if (call.Text(0) == "") call.Fail(Reason.Refused, "a preset needs a name");
        else if (presets.Store(call.Text(0), patterns) is { } why) call.Fail(Reason.Refused, why);
        else call.Done();
    }

    void Pages(JobCall call)
    {
        if (desk.Resolve(call.Text(0), forWriting: true, out var why) is not { } folder)
        {
            call.Fail(Reason.Refused, why);
            return;
        }
        call.OnWorker(() => Enchanter.Pages.Write(folder, profiles), () => call.Done(folder, profiles.Count));
    }

    // What is to be remembered, whole and unchangeable, so that Save may read it on its own thread.
    void Remember()
    {
        if (!isStarted) return;
        var own = binder.Own.ToHashSet();
        memory = new Memory
        {
            Own = [.. own], Bindings = [.. binder.All.Where(b => own.Contains(b.Control))], Presets = presets.All,
            Schemes = schemes.Where(s => s.Value.State is not null).ToDictionary(s => s.Key, s => s.Value.State!),
        };
    }

    void Take(Memory fresh)
    {
        presets.All = fresh.Presets;
        binder.Restore(fresh.Own, fresh.Bindings);
        foreach (var (name, state) in fresh.Schemes)
            if (schemes.TryGetValue(name, out var scheme)) scheme.State = state;
    }

    /// <summary>[worker] One file, made to be read.</summary>
    public void Save(DirectoryInfo folder)
    {
        using var file = new StreamWriter(Path.Combine(folder.FullName, Memory.FileName));
        memory.Write(file);
    }

    /// <summary>[any] Version 2 says of a preset only what differs from another.</summary>
    public int DataVersion => 2;

    /// <summary>[worker] Reads it whole before anything changes.</summary>
    public void Load(DirectoryInfo folder, int version)
    {
        var file = Path.Combine(folder.FullName, Memory.FileName);
        if (!File.Exists(file)) return;
        var fresh = Memory.Read(file);
        memory = fresh;
        desk.Post(() =>
        {
            if (isStarted) Take(fresh);
        });
    }
}
