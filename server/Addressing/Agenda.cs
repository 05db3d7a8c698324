namespace OscLooper.Server.Addressing;

/// <summary>[main] What the main side has to do at a later frame: settings of time-tagged bundles; and how many messages are ahead.</summary>
sealed class Agenda
{
    /// <summary>No more messages may wait for their time.</summary>
    public const int MostWaiting = 4096;

    readonly PriorityQueue<Action?, (long Frame, long Order)> items = new();
    readonly PriorityQueue<int, long> ahead = new();
    int messagesAhead;
    long order;

    /// <summary>[main] Frame of the next item; long.MaxValue when there is none.</summary>
    public long Next => items.TryPeek(out _, out var place) ? place.Frame : long.MaxValue;

    /// <summary>[main] Does something when that frame is next; null only makes a render stop there.</summary>
    public void At(long frame, Action? action) => items.Enqueue(action, (frame, order++));

    /// <summary>[main] Does all that is due; true when there was something.</summary>
    public bool RunDue(long frame)
    {
        var any = false;
        while (items.TryPeek(out var action, out var place) && place.Frame <= frame)
        {
            items.Dequeue();
            action?.Invoke();
            any = true;
        }
        return any;
    }

    /// <summary>[main] Notes messages that wait for a frame; false when too many do.</summary>
    public bool TryNote(int count, long frame, long now)
    {
        while (ahead.TryPeek(out var past, out var due) && due < now)
        {
            ahead.Dequeue();
            messagesAhead -= past;
        }
        if (messagesAhead + count > MostWaiting) return false;
        messagesAhead += count;
        ahead.Enqueue(count, frame);
        return true;
    }
}
