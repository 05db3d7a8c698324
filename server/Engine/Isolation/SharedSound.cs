using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>
/// [any] Memory that two processes share: sound by absolute frame, events and notes in rings with one writer and one reader each.
/// Who comes too late finds nothing, and nobody waits for anybody.
/// </summary>
sealed unsafe class SharedSound : IDisposable
{
    /// <summary>[any] Frames that each lane holds.</summary>
    public const int Frames = 1 << 15;
    const int RingSize = 4096;

    // Each counter has a cache line of its own.
    [StructLayout(LayoutKind.Explicit, Size = 640)]
    struct Counters
    {
        [FieldOffset(0)] public long InFrame;
        [FieldOffset(64)] public long OutFrame;
        [FieldOffset(128)] public long EventsWritten;
        [FieldOffset(192)] public long EventsRead;
        [FieldOffset(256)] public long NotesInWritten;
        [FieldOffset(320)] public long NotesInRead;
        [FieldOffset(384)] public long NotesOutWritten;
        [FieldOffset(448)] public long NotesOutRead;
        [FieldOffset(512)] public long FirstFrame;
        [FieldOffset(520)] public double Tempo;
        [FieldOffset(528)] public double Beat;
        [FieldOffset(536)] public long IsPlaying;
    }

    /// <summary>[any] A note and the port it is for.</summary>
    public struct PortNote
    {
        /// <summary>[any] Number of the port.</summary>
        public int Port;
        /// <summary>[any] The note.</summary>
        public NoteEvent Note;
    }

    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;
    readonly Counters* at;
    readonly float* ins;
    readonly float* outs;
    readonly Event* events;
    readonly PortNote* notesIn;
    readonly PortNote* notesOut;

    /// <summary>[main] Makes the file, or opens what the other side has made.</summary>
    public SharedSound(string path, int inLanes, int outLanes)
    {
        var bytes = sizeof(Counters) + (long)(inLanes + outLanes) * Frames * sizeof(float) + RingSize * (sizeof(Event) + 2L * sizeof(PortNote));
        // What is played is nobody else's affair.
        file = MemoryMappedFile.CreateFromFile(Disk.OpenPrivate(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete), null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor(0, bytes);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        at = (Counters*)start;
        events = (Event*)(start + sizeof(Counters));
        notesIn = (PortNote*)(events + RingSize);
        notesOut = notesIn + RingSize;
        ins = (float*)(notesOut + RingSize);
        outs = ins + (long)inLanes * Frames;
    }

    /// <summary>[any] Everything that went in before this frame is there.</summary>
    public long InFrame { get => Volatile.Read(ref at->InFrame); set => Volatile.Write(ref at->InFrame, value); }
    /// <summary>[any] Everything that came out before this frame is there.</summary>
    public long OutFrame { get => Volatile.Read(ref at->OutFrame); set => Volatile.Write(ref at->OutFrame, value); }
    /// <summary>[any] Where it began; 0 until then.</summary>
    public long FirstFrame { get => Volatile.Read(ref at->FirstFrame); set => Volatile.Write(ref at->FirstFrame, value); }
    /// <summary>[audio] In the child: what is added to a frame there to get the frame here.</summary>
    public long Base { get; set; }
    /// <summary>[audio] In the child: time passes, but the parent does not play.</summary>
    public bool IsIdle { get; set; }
    /// <summary>[any] Beats a minute.</summary>
    public double Tempo { get => at->Tempo; set => at->Tempo = value; }
    /// <summary>[any] Position at <see cref="InFrame"/>.</summary>
    public double Beat { get => at->Beat; set => at->Beat = value; }
    /// <summary>[any] The transport plays.</summary>
    public bool IsPlaying { get => at->IsPlaying != 0; set => at->IsPlaying = value ? 1 : 0; }

    /// <summary>[audio] Writes sound that goes in.</summary>
    public void WriteIn(int lane, long frame, ReadOnlySpan<float> sound) => Write(ins + (long)lane * Frames, frame, sound);
    /// <summary>[audio] Reads sound that went in.</summary>
    public void ReadIn(int lane, long frame, Span<float> sound) => Read(ins + (long)lane * Frames, frame, sound);
    /// <summary>[audio] Writes sound that comes out.</summary>
    public void WriteOut(int lane, long frame, ReadOnlySpan<float> sound) => Write(outs + (long)lane * Frames, frame, sound);
    /// <summary>[audio] Reads sound that came out.</summary>
    public void ReadOut(int lane, long frame, Span<float> sound) => Read(outs + (long)lane * Frames, frame, sound);

    /// <summary>[audio] Hands an event over; false when there is no room.</summary>
    public bool Send(in Event e) => Put(events, ref at->EventsWritten, ref at->EventsRead, e);
    /// <summary>[audio] Looks at the next event.</summary>
    public bool TryPeek(out Event e) => Peek(events, ref at->EventsWritten, ref at->EventsRead, out e);
    /// <summary>[audio] Takes it.</summary>
    public void TakeEvent() => Volatile.Write(ref at->EventsRead, at->EventsRead + 1);

    /// <summary>[audio] Hands a note over, on its way in.</summary>
    public bool SendIn(in PortNote note) => Put(notesIn, ref at->NotesInWritten, ref at->NotesInRead, note);
    /// <summary>[audio] Looks at the next note on its way in.</summary>
    public bool TryPeekIn(out PortNote note) => Peek(notesIn, ref at->NotesInWritten, ref at->NotesInRead, out note);
    /// <summary>[audio] Takes it.</summary>
    public void TakeIn() => Volatile.Write(ref at->NotesInRead, at->NotesInRead + 1);

    /// <summary>[audio] Hands a note over, on its way out.</summary>
    public bool SendOut(in PortNote note) => Put(notesOut, ref at->NotesOutWritten, ref at->NotesOutRead, note);
    /// <summary>[audio] Looks at the next note on its way out.</summary>
    public bool TryPeekOut(out PortNote note) => Peek(notesOut, ref at->NotesOutWritten, ref at->NotesOutRead, out note);
    /// <summary>[audio] Takes it.</summary>
    public void TakeOut() => Volatile.Write(ref at->NotesOutRead, at->NotesOutRead + 1);

    static bool Put<T>(T* ring, ref long written, ref long read, in T item) where T : unmanaged
    {
        if (written - Volatile.Read(ref read) >= RingSize) return false;
        ring[written & (RingSize - 1)] = item;
        Volatile.Write(ref written, written + 1);
        return true;
    }

    static bool Peek<T>(T* ring, ref long written, ref long read, out T item) where T : unmanaged
    {
        item = ring[read & (RingSize - 1)];
        return Volatile.Read(ref written) > read;
    }

    static void Write(float* lane, long frame, ReadOnlySpan<float> sound)
    {
        var place = (int)(frame & (Frames - 1));
        var first = Math.Min(sound.Length, Frames - place);
        sound[..first].CopyTo(new Span<float>(lane + place, first));
        sound[first..].CopyTo(new Span<float>(lane, sound.Length - first));
    }

    static void Read(float* lane, long frame, Span<float> sound)
    {
        var place = (int)(frame & (Frames - 1));
        var first = Math.Min(sound.Length, Frames - place);
        new ReadOnlySpan<float>(lane + place, first).CopyTo(sound);
        new ReadOnlySpan<float>(lane, sound.Length - first).CopyTo(sound[first..]);
    }

    /// <summary>[main, frozen] Closes it.</summary>
    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        // Unmapped without being brought to a disk first: that is refused for memory that is locked (msync(2), EBUSY).
        view.SafeMemoryMappedViewHandle.Dispose();
        view.Dispose();
        file.Dispose();
    }
}
