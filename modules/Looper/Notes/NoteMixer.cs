namespace OscLooper.Looper;

/// <summary>
/// [audio] What all channels play through the looper's note ports, gathered for a block, put in order of frames, and sent. It counts how many
/// hold each key, so on every key ons and offs alternate whatever the channels do (facts/bard.md R3). Room for the end of every note is kept free.
/// </summary>
sealed class NoteMixer
{
    public const int Ports = 4, Keys = 16 * 128;
    const int Capacity = 16384, Reserve = 1024;
    const int Let = 0x80, Hold = 0x90;

    struct Request
    {
        public long Frame;
        public int Key, Next;
        public byte Kind, First, Second;
    }

    readonly Request[] requests = GC.AllocateArray<Request>(Capacity, pinned: true);
    readonly ushort[] holders = new ushort[Ports * Keys];
    readonly bool[] isUsed = new bool[Ports * 16];
    int[] firstOf = [], lastOf = [];
    int count, held;

    /// <summary>[main, frozen] For blocks of at most so many frames.</summary>
    public void Prepare(int mostFrames)
    {
        (firstOf, lastOf) = (new int[mostFrames + 1], new int[mostFrames + 1]);
        Array.Fill(firstOf, -1);
    }

    /// <summary>[any] Notes for which there was no room.</summary>
    public long Lost { get; private set; }

    /// <summary>[audio] Nothing waits to be sent, and nobody holds a key.</summary>
    public bool IsEmpty => count == 0 && held == 0;

    /// <summary>[audio] Number of a key of a port.</summary>
    public static int KeyOf(int port, int channel, int pitch) => port * Keys + channel * 128 + pitch;

    /// <summary>[audio] Somebody plays a key; false when there is no room, then nobody holds it.</summary>
    public bool On(long frame, int key, int velocity)
    {
        if (count + held + Reserve + 2 > Capacity)
        {
            Lost++;
            return false;
        }
        held++;
        Add(frame, key, Hold, (byte)(key & 127), (byte)velocity);
        return true;
    }

    /// <summary>[audio] Somebody who played the key lets go of it.</summary>
    public void Off(long frame, int key)
    {
        held--;
        Add(frame, key, Let, (byte)(key & 127), 64);
    }

    /// <summary>[audio] Anything that is no note; what lifts something may use the room that is kept for it.</summary>
    public void Message(long frame, int port, int status, int first, int second, bool lifts = false)
    {
        if (count + held + (lifts ? 0 : Reserve) < Capacity) Add(frame, KeyOf(port, status & 15, 0), (byte)(status & 0xF0), (byte)first, (byte)second);
    }

    /// <summary>[audio] All have let go; what sounds elsewhere all the same ends on the channels that were used.</summary>
    public void Panic(long frame)
    {
        for (var lane = 0; lane < isUsed.Length; lane++)
        {
            if (!isUsed[lane]) continue;
            isUsed[lane] = false;
            Message(frame, lane >> 4, NoteEvent.Control | lane & 15, 120, 0, lifts: true);
            Message(frame, lane >> 4, NoteEvent.Control | lane & 15, 123, 0, lifts: true);
        }
    }

    void Add(long frame, int key, byte kind, byte first, byte second)
    {
        if (count == Capacity) return;
        requests[count++] = new Request { Frame = frame, Key = key, Kind = kind, First = first, Second = second, Next = -1 };
    }

    /// <summary>[audio] Sends all of it, by frame, among equals in the order in which it was said.</summary>
    public void Flush(in Block block, NotesOut[] ports)
    {
        if (count == 0) return;
        var most = Math.Min(block.Frames, firstOf.Length) - 1;
        for (var i = 0; i < count; i++)
        {
            // What was said before the block began, while it was cut, belongs to its first frame.
            var frame = (int)Math.Clamp(requests[i].Frame - block.Frame, 0, most);
            if (firstOf[frame] < 0) firstOf[frame] = i;
            else requests[lastOf[frame]].Next = i;
            lastOf[frame] = i;
        }
        for (var frame = 0; frame <= most; frame++)
        {
            for (var i = firstOf[frame]; i >= 0; i = requests[i].Next) Send(block, ports, block.Frame + frame, requests[i]);
            firstOf[frame] = -1;
        }
        count = 0;
    }

    void Send(in Block block, NotesOut[] ports, long frame, in Request request)
    {
        var lane = request.Key >> 7;
        var (port, channel) = (ports[lane >> 4], lane & 15);
        if (request.Kind == Let)
        {
            if (holders[request.Key] > 0 && --holders[request.Key] == 0) block.Send(port, frame, NoteEvent.Off | channel, request.First, 64);
            return;
        }
        isUsed[lane] = true;
        if (request.Kind == Hold && holders[request.Key]++ > 0) block.Send(port, frame, NoteEvent.Off | channel, request.First, 64);
        block.Send(port, frame, request.Kind | channel, request.First, request.Second);
    }
}
