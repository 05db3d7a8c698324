using System.Globalization;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>
/// [worker] Brings what is being recorded to the disk as it comes: a take as a WAV that grows, a pass as the segments it changed,
/// notes as a file that is written anew. What was recorded outlives a crash in these files until the documents that hold it otherwise have been saved twice.
/// A document is completed only with files of the run that wrote it: those of runs of which neither of the last two documents is go at the next save.
/// </summary>
sealed unsafe class TakeStreams
{
    const int SavesToOutlive = 2;

    sealed class Stream
    {
        public SoundWriter? Take;
        public PassFile? Pass;
        public NoteTakeFile? Notes;
        public bool IsUnderWay;
        public int Saves;
        public void Remove()
        {
            Take?.Dispose();
            Pass?.Remove();
            Notes?.Remove();
        }
    }

    readonly Dictionary<long, Stream> streams = [];
    readonly List<string> left = [];
    readonly Lock gate = new();
    string? folder;
    string lastSave = "";
    int leftSaves;

    /// <summary>[any] Tells the tapes of this instance from those of others in the same folder.</summary>
    public string Run { get; } = $"{DateTime.UtcNow.Ticks:x}";

    /// <summary>[any] Where files go; null = nowhere.</summary>
    public string? Folder => folder;

    /// <summary>[any] From now on into this folder; what somebody left there goes when two saves have come after.</summary>
    public void Into(string? to)
    {
        lock (gate)
        {
            folder = to;
            if (to is null || !Directory.Exists(to)) return;
            left.AddRange(Directory.GetFiles(to).Where(f => TakeFiles.RunOf(f) is { } run && run != Run).Except(left));
            leftSaves = 0;
        }
    }

    /// <summary>[worker] Writes what has come since the last time, and hands it to the system.</summary>
    public void Write(WritingSnapshot snapshot, int rate)
    {
        lock (gate)
        {
            foreach (var stream in streams.Values) stream.IsUnderWay = false;
            if (folder is null) return;
            Disk.CreatePrivateFolder(folder);
            for (var i = 0; i < snapshot.Count; i++)
            {
                ref readonly var view = ref snapshot.Views[i];
                if (view.Tape.IsEmpty) continue;
                if (!streams.TryGetValue(view.Tape.Id, out var stream)) streams[view.Tape.Id] = stream = Begin(view, rate);
                stream.IsUnderWay = true;
                if (stream.Take is { } take) Append(take, view.Tape);
                else if (stream.Notes is { } notes) notes.Write(view.Tape, snapshot.Held.AsSpan(view.HeldFrom, view.HeldCount));
                else stream.Pass!.Append(view.Tape, view.Head);
            }
        }
    }

    /// <summary>[worker] The file in which a take of sound grows while it is recorded; null when there is none.</summary>
    public string? FileOf(long tape)
    {
        lock (gate) return streams.TryGetValue(tape, out var stream) ? stream.Take?.TemporaryPath : null;
    }

    /// <summary>[worker] How many records of a pass were written so far; what follows is newer than what is saved from now on.</summary>
    public long RecordsOf(long tape)
    {
        lock (gate) return streams.TryGetValue(tape, out var stream) && stream.Pass is { } pass ? pass.Records : 0;
    }

    /// <summary>
    /// [worker] A save into this folder is complete. The one before counts when its folder is still there: then its document was written, too.
    /// What is written elsewhere (for a successor, or before it is frozen) does not outlive the server, and does not count.
    /// </summary>
    public void Saved(string into)
    {
        lock (gate)
        {
            if (folder is null || Path.GetDirectoryName(Path.GetDirectoryName(folder)) is not { } vault || !into.StartsWith(vault + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return;
            if (left.Count > 0) RemoveForgotten(into);
            if (lastSave.Length > 0 && Directory.Exists(lastSave))
            {
                foreach (var (tape, stream) in streams.Where(s => !s.Value.IsUnderWay && ++s.Value.Saves >= SavesToOutlive).ToArray())
                {
                    stream.Remove();
                    streams.Remove(tape);
                }
                if (++leftSaves >= SavesToOutlive) RemoveLeft();
            }
            lastSave = into;
        }
    }

    /// <summary>[worker] The end: files stay where they are.</summary>
    public void Close()
    {
        lock (gate)
        {
            folder = null;
            foreach (var stream in streams.Values) stream.Pass?.Close();
            streams.Clear();
        }
    }

    Stream Begin(in WritingSnapshot.View view, int rate)
    {
        var name = Path.Combine(folder!, string.Create(CultureInfo.InvariantCulture, $"{Run}-{view.Tape.Id}.channel-{view.Row + 1}.scene-{view.Scene + 1}"));
        if (view.Tape.Lanes == 0) return new Stream { Notes = new NoteTakeFile(name + TakeFiles.NotesEnding + (view.IsTake ? "" : TakeFiles.PassEnding), view.BelowId) };
        return view.IsTake
            ? new Stream { Take = SoundFile.Create(name + TakeFiles.TakeEnding, SoundFormat.WavFloat, view.Tape.Lanes, rate, isPrivate: true) }
            : new Stream { Pass = new PassFile(name + TakeFiles.PassEnding, view.BelowId, view.Tape) };
    }

    static void Append(SoundWriter take, in Tape tape)
    {
        var lanes = stackalloc float*[tape.Lanes];
        while (take.Frames < tape.Frames)
        {
            var run = (int)Math.Min(Tape.Run(take.Frames), tape.Frames - take.Frames);
            for (var lane = 0; lane < tape.Lanes; lane++) lanes[lane] = tape.At(lane, take.Frames);
            take.Write(lanes, run);
        }
        take.Flush();
    }

    // A save goes into .../data/NUMBER/NAME; its neighbours are those of the documents before.
    void RemoveForgotten(string into)
    {
        var (save, name) = (Path.GetDirectoryName(into)!, Path.GetFileName(into));
        var runs = Directory.GetDirectories(Path.GetDirectoryName(save)!).Where(d => d != save)
            .OrderByDescending(d => long.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1)
            .Select(d => LooperReader.RunOf(Path.Combine(d, name))).OfType<string>().Take(SavesToOutlive).ToHashSet();
        if (runs.Count > 0) Remove(f => !runs.Contains(TakeFiles.RunOf(f)!));
    }

    void RemoveLeft() => Remove(_ => true);

    void Remove(Func<string, bool> which)
    {
        foreach (var file in left.Where(which))
            try { File.Delete(file); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }      // it is in nobody's way
        left.RemoveAll(f => which(f));
    }
}
