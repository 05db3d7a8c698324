using OscLooper.Dsp;
using System.Globalization;

namespace OscLooper.Server.Realtime;

/// <summary>[any] What is remembered of the transport beside its values: where its grid is, so that loops come back to their place in the bar.</summary>
sealed class TransportMemory(AudioSide audio, Desk desk)
{
    sealed class Kept(TransportState state)
    {
        public readonly TransportState State = state;
    }

    const string Name = "transport.txt";
    static readonly TransportState AtTheBeginning = new(120, 0, 0, 0, 1, 4, 4, false);
    readonly Handover<Kept> restored = new(8);
    readonly Transport noted = new();
    long version;
    bool isNoted;

    /// <summary>[audio] Notes the state, for whoever saves: where it is at any later frame follows from that. A seqlock: the reader tries again, the writer never waits.</summary>
    public void Note()
    {
        Volatile.Write(ref version, version + 1);
        Interlocked.MemoryBarrier();
        noted.CopyFrom(audio.Transport);
        isNoted = true;
        Volatile.Write(ref version, version + 1);
    }

    /// <summary>[audio] Takes what was loaded; false when nothing was.</summary>
    public bool Take(long frame)
    {
        if (!restored.TryTake(out var kept)) return false;
        audio.Transport.Restore(frame, kept.State);
        restored.Return(kept);
        return true;
    }

    /// <summary>[worker] Writes it: one line of numbers with their names.</summary>
    public void Save(DirectoryInfo folder)
    {
        TransportState state;
        long before;
        do
        {
            before = Volatile.Read(ref version);
            Interlocked.MemoryBarrier();
            state = isNoted ? noted.StateAt(audio.NextFrame) : AtTheBeginning;
            Interlocked.MemoryBarrier();
        }
        while ((before & 1) != 0 || before != Volatile.Read(ref version));
        File.WriteAllText(Path.Combine(folder.FullName, Name), string.Create(CultureInfo.InvariantCulture,
            $"tempo {state.Tempo:R} grid {state.Grid:R} position {state.Position:R} bar_beat {state.BarBeat:R} bar {state.BarNumber} signature {state.Numerator} {state.Denominator} playing {(state.IsPlaying ? 1 : 0)}\n"));
    }

    /// <summary>[worker] Reads it, and hands it to the audio side.</summary>
    public void Load(DirectoryInfo folder, int dataVersion)
    {
        if (dataVersion == 0)
        {
            Hand(AtTheBeginning);
            return;
        }
        var words = RegularFile.ReadAllText(Path.Combine(folder.FullName, Name)).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        double At(int place, double low, double high) => place < words.Length && double.TryParse(words[place], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high
            ? number : throw new InvalidDataException($"{Name}: word {place + 1} is no number between {low} and {high}");
        const double Far = 1e12;
        var state = new TransportState(At(1, 20, 400), At(3, -Far, Far), At(5, -Far, Far), At(7, -Far, Far), (int)At(9, int.MinValue, int.MaxValue), (int)At(11, 1, 64), (int)At(12, 1, 64), At(14, 0, 1) != 0);
        Hand(state);
    }

    void Hand(TransportState state) => desk.Post(() =>
    {
        while (restored.TryCollect(out _)) { }
        restored.Offer(new Kept(state));
        audio.WakeProcess();
    });
}
