using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[any] Channels with scenes: record, play, overdub, with the input and the output of the engine.</summary>
[Module("looper", "Loops with scenes: record, overdub, play, undo.")]
public sealed unsafe partial class LooperModule : Module, ISelfCutting, IBackground, IPersist, IStreamTakes
{
    const int MostEvents = 1 << 14;
    const double GiveBackSeconds = 0.1;
    internal const int MostLanes = 32, DefaultLanes = 2;

    readonly Branch at;
    readonly AudioIn input;
    readonly AudioOut output;
    readonly ChannelDesk desk;
    readonly ChannelLeaves leaves;
    readonly Errand addChannel;
    readonly Command tempoFromLoop;
    readonly Channel?[] channels = new Channel?[Rows.MaxRows];
    readonly int[] firstOf = new int[Rows.MaxRows], lastOf = new int[Rows.MaxRows], nextOf = new int[MostEvents];
    readonly float[] inputPeaks;
    long heardFrame;
    bool isIdle;
    void* memory;
    float* silent;

    /// <summary>[main] Declares the channels and their leaves.</summary>
    public LooperModule(Branch at)
    {
        this.at = at;
        input = at.AudioIn("in");
        output = at.AudioOut("out");
        inputPeaks = new float[Math.Max(1, input.Lanes)];
        Pool = new SegmentPool(at.Settings.MemoryBytes > 0 ? at.Settings.MemoryBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        Pool.KeepAhead(0);
        MakeNotePorts();
        desk = new ChannelDesk(this, at.Desk, at.Rows("channel"));
        leaves = new ChannelLeaves(desk.Rows.Each, desk);
        addChannel = at.Job("add_channel", [Spec.Choice("audio", "midi").Named("kind").OrNothing(), (Spec.Count(1, MostLanes) with { Initial = DefaultLanes }).Named("lanes").OrNothing()],
            $"Adds a channel; /done carries its number. There may be {ChannelDesk.MostChannels}.", desk.AddChannel);
        at.Job("channels", [], "Lists the channels: .item number kind lanes name.", desk.List);
        at.Job("save", [Spec.Path.Named("folder")], "Saves all channels with their scenes, layers and phases into a new folder, as a session holds them: looper.json and a WAV for each layer.", desk.SaveAll);
        tempoFromLoop = at.Command("tempo_from_loop", "Takes the tempo from a channel's loop; without beats the loop is taken for that power of two times a bar which comes nearest to the present tempo within 70..140.",
            Traits.CutsAll, Spec.Count(1, Rows.MaxRows).Named("channel"), Spec.Count(0, 4096).Named("beats").OrNothing());
        for (var n = 0; n < at.Settings.Channels; n++) desk.AddRow(DefaultLanes);
    }

    /// <summary>[any] Where all loops live.</summary>
    internal SegmentPool Pool { get; }
    internal AudioFormat Format { get; private set; }
    internal Handover<Channel> FreshChannels { get; } = new(ChannelDesk.MostChannels);
    internal Handover<Scene> FreshScenes { get; } = new(1024);
    /// <summary>[any] Tapes shown to main or offered by it, by slot; the events that name the slot order the access.</summary>
    internal Tape[] Slots { get; } = new Tape[ChannelDesk.SlotCount];
    internal float** Scratch { get; private set; }
    internal bool AnySolo { get; private set; }
    internal bool OrderChanged { get; set; }
    /// <summary>[audio] Solo is of all channels: however many events of one frame touch it, it is worked out once, before the frames that follow.</summary>
    internal bool SoloChanged { get; set; }

    /// <summary>[main, frozen] Allocates channels, scratch and the first segments.</summary>
    public override void Prepare(AudioFormat format)
    {
        Format = format;
        Notes.Prepare(format.MaxFrames);
        var silence = (AudioFormat.HistoryFrames + format.MaxFrames) * sizeof(float);
        NativeMemory.Free(memory);
        memory = NativeMemory.AllocZeroed((nuint)(MostLanes * (sizeof(nint) + Voice.ScratchFrames * sizeof(float)) + silence));
        Scratch = (float**)memory;
        var floats = (float*)(Scratch + MostLanes);
        for (var lane = 0; lane < MostLanes; lane++) Scratch[lane] = floats + lane * Voice.ScratchFrames;
        silent = floats + MostLanes * Voice.ScratchFrames + AudioFormat.HistoryFrames;
        Array.Fill(firstOf, -1);
        for (var row = 0; row < desk.Rows.Made; row++) channels[row] ??= NewChannel(row, desk.LanesOf(row));
        OrderChanged = true;
        Pool.Work(0);
    }

    /// <summary>[main] So many segments are kept ahead of the recorders.</summary>
    internal void KeepAhead(int segments)
    {
        Pool.KeepAhead(segments);
        at.Audio.WakeBackground();
        at.Audio.WakeProcess();
    }

    internal Channel NewChannel(int row, int lanes) =>
        lanes == 0 ? new NoteChannel(this, leaves, Pool, at.Audio, Format, row) : new Channel(this, leaves, Pool, at.Audio, Format, row, lanes);

    /// <summary>[worker] Memory ahead of the recorders; what was given up is freed.</summary>
    public void Work()
    {
        Pool.Work(Volatile.Read(ref heardFrame));
        while (FreshChannels.TryCollect(out var gone)) gone.Dispose();
        while (FreshScenes.TryCollect(out _)) { }
        CollectLoaded();
        StreamNowAndThen();
    }

    /// <summary>[worker] Soon while something is recorded, which goes to the disk as it comes, or while memory goes back to the system.</summary>
    public double DueSeconds => Volatile.Read(ref isWriting) || wasWriting ? StreamSeconds / 3 : Pool.HoldsTooMuch ? GiveBackSeconds : double.PositiveInfinity;

    /// <summary>[audio] Events at the first frame of a stretch.</summary>
    public override void Handle(in Event e)
    {
        if (e.Kind == EventKind.Panic)
        {
            if (OrderChanged) SortChannels();
            for (var i = 0; i < orderCount; i++) channels[order[i]]!.Panic(at.Audio.Frame);
            Notes.Panic(at.Audio.Frame);
        }
        else if (e.Row < 0) HandleOwn(e);
        else if (channels[e.Row] is { } channel) channel.Handle(e);
        else at.Audio.Refuse(e, Reason.NoSuchAddress);
    }

    void HandleOwn(in Event e)
    {
        if (e.Is(tempoFromLoop)) TakeTempo(e);
        else if (e.Is(addChannel) && e.A == 0) HandleMemory(e);
        else if (e.Is(addChannel)) TakeFresh(e);
    }

    // Those before it were made for jobs that were refused meanwhile.
    void TakeFresh(in Event e)
    {
        while (FreshChannels.TryTake(out var fresh))
        {
            if (fresh.Row != (int)e.B)
            {
                FreshChannels.Return(fresh);
                at.Audio.WakeBackground();
                continue;
            }
            (channels[fresh.Row], fresh.LoadNumber) = (fresh, (int)e.C);
            fresh.UpdateGains(at.Audio.Frame);
            OrderChanged = true;
            at.Audio.Answer(e, fresh.Row + 1);
            return;
        }
        at.Audio.Refuse(e, Reason.Busy);
    }

    /// <summary>[audio] The whole block; only the channel that an event addresses is cut.</summary>
    public void Process(in Block block, ReadOnlySpan<Event> events)
    {
        if (OrderChanged) SortChannels();
        if (SoloChanged) UpdateSolo(block.Frame);
        BeginNotes(block);
        if (announced is { } fresh) TakeLoaded(fresh);
        for (var lane = 0; lane < input.Lanes; lane++) inputPeaks[lane] = Mix.Peak(block.In(input, lane));
        if (hasFollowers) PlayInStep(block, events);
        else PlayEach(block, events);
        var isWritten = false;
        for (var i = 0; i < orderCount; i++) isWritten |= channels[order[i]]!.IsWriting;
        var begins = isWritten && !isWriting;
        Volatile.Write(ref isWriting, isWritten);
        for (var i = 0; i < retiredCount; i++) retired[i]!.Process(block);
        Notes.Flush(block, notesOut);
        DropGone(block.Frame + block.Frames);
        Volatile.Write(ref heardFrame, block.Frame + block.Frames);
        Pool.ReturnAhead();
        if (begins || Pool.WantsWork(block.Frame + block.Frames)) at.Audio.WakeBackground();
        isIdle = HasNothingToDo();
        // Where nothing sounds no jump of the transport ends anything.
        if (isIdle) expectedBeat = double.NaN;
    }

    /// <summary>[audio] No channel sounds, records or waits, the levels have fallen, and nothing is to be given back.</summary>
    public override bool IsIdle => isIdle;

    bool HasNothingToDo()
    {
        if (OrderChanged || SoloChanged || announced is not null || isWriting || retiredCount > 0 || Pool.HasOrders || Pool.HasTooMuchAhead || !Notes.IsEmpty) return false;
        for (var i = 0; i < orderCount; i++)
            if (!channels[order[i]]!.IsIdle) return false;
        return true;
    }

    // Channels that follow others must find them where they were at that very frame: an event cuts all.
    void PlayInStep(in Block block, ReadOnlySpan<Event> events)
    {
        var done = 0;
        for (var i = 0; i < events.Length; i++)
        {
            ref readonly var e = ref events[i];
            var cut = (int)(e.Frame - block.Frame);
            if (cut > done) PlayAll(block.Slice(done, cut - done));
            done = Math.Max(done, cut);
            at.Audio.Accept(e);
            Handle(e);
        }
        if (done < block.Frames) PlayAll(block.Slice(done, block.Frames - done));
    }

    void PlayAll(in Block block)
    {
        if (OrderChanged) SortChannels();
        if (SoloChanged) UpdateSolo(block.Frame);
        for (var i = 0; i < orderCount; i++)
        {
            var channel = channels[order[i]]!;
            channel.BeginStretch();
            at.Audio.At(block.Frame);
            channel.Process(block);
        }
    }

    void PlayEach(in Block block, ReadOnlySpan<Event> events)
    {
        for (var i = 0; i < events.Length; i++)
        {
            ref readonly var e = ref events[i];
            if (e.Row >= 0 && channels[e.Row] != null)
            {
                Chain(e.Row, i);
                continue;
            }
            at.Audio.Accept(e);
            Handle(e);
        }
        if (OrderChanged) SortChannels();
        for (var i = 0; i < orderCount; i++) Run(channels[order[i]]!, block, events);
    }

    void Chain(int row, int i)
    {
        if (firstOf[row] < 0) firstOf[row] = i;
        else nextOf[lastOf[row]] = i;
        lastOf[row] = i;
        nextOf[i] = -1;
    }

    void Run(Channel channel, in Block block, ReadOnlySpan<Event> events)
    {
        var done = 0;
        channel.BeginStretch();
        for (var i = firstOf[channel.Row]; i >= 0; i = nextOf[i])
        {
            ref readonly var e = ref events[i];
            var cut = (int)(e.Frame - block.Frame);
            if (cut > done) channel.Process(block.Slice(done, cut - done));
            done = Math.Max(done, cut);
            at.Audio.Accept(e);
            channel.Handle(e);
        }
        firstOf[channel.Row] = -1;
        if (done < block.Frames)
        {
            at.Audio.At(block.Frame + done);
            channel.Process(block.Slice(done, block.Frames - done));
        }
    }

    /// <summary>[audio] A channel takes its boundaries from elsewhere; a circle is refused.</summary>
    internal void ChangeSync(Channel channel, in Event e)
    {
        Channel? master = null;
        if ((SyncSource)(int)e.A == SyncSource.Channel)
        {
            master = e.B >= 1 && e.B <= channels.Length ? channels[(int)e.B - 1] : null;
            if (master is null or { IsLeaving: true })
            {
                at.Audio.Refuse(e, Reason.NotFound);
                return;
            }
            for (var link = master; link != null; link = link.Master)
                if (link == channel)
                {
                    at.Audio.Refuse(e, Reason.Refused);
                    return;
                }
        }
        channel.Master = master;
        leaves.Sync.Of(channel.Row).SetFor(e, e.A, e.B);
        OrderChanged = true;
    }

    void UpdateSolo(long frame)
    {
        at.Audio.At(frame);
        SoloChanged = AnySolo = false;
        for (var i = 0; i < orderCount; i++) AnySolo |= channels[order[i]]!.IsSolo;
        for (var i = 0; i < orderCount; i++) channels[order[i]]!.UpdateGains(frame);
    }

    void TakeTempo(in Event e)
    {
        if (channels[(int)e.A - 1] is not { LoopSeconds: > 0 and var seconds })
        {
            at.Audio.Refuse(e, Reason.NotFound);
            return;
        }
        at.Audio.ChangeTempo(LoopTempo.Of(seconds, e.B, at.Audio.Transport));
    }

    void DropGone(long frame)
    {
        for (var i = 0; i < orderCount; i++)
        {
            var channel = channels[order[i]]!;
            if (!channel.IsGone(frame) || !FreshChannels.Return(channel)) continue;
            channels[channel.Row] = null;
            OrderChanged = true;
            at.Audio.WakeBackground();
        }
        DropRetired(frame);
    }

    internal float* Input(in Block block, int lane) =>
        lane < 0 ? silent : (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(block.In(input, lane)));

    internal void InputBefore(in Block block, int lane, Span<float> to)
    {
        if (lane < 0) to.Clear();
        else block.Before(input, lane, to.Length).CopyTo(to);
    }

    internal Span<float> Output(in Block block, int lane) => block.Out(output, lane);

    internal float InputPeak(int lane) => lane < 0 ? 0 : inputPeaks[lane];

    internal int InputLanes => input.Lanes;
    internal int OutputLanes => output.Lanes;

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public override void Dispose()
    {
        streams.Close();
        foreach (var channel in channels) channel?.Dispose();
        foreach (var channel in retired) channel?.Dispose();
        Pool.Dispose();
        NativeMemory.Free(memory);
        memory = null;
        base.Dispose();
    }
}
