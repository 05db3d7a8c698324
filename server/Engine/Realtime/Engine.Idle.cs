namespace OscLooper.Server.Realtime;

/// <content>[audio] What costs nothing in a block: imps with nothing to do, lanes that are silent, notes that nobody sends.</content>
public sealed unsafe partial class Engine
{
    void BeginNotes()
    {
        var hadNotes = hasNotes;
        hasNotes = Midi.HasNotes;
        if (!hadNotes) return;
        foreach (var lane in schedule.NoteLanes)
        {
            lane.Begin(blockStart);
            hasNotes |= lane.Count > 0;
        }
    }

    /// <summary>[audio] Nobody is idle any more: what all depend on has changed.</summary>
    void WakeAll()
    {
        foreach (var player in schedule.Players) player.IsIdle = false;
    }

    /// <summary>[audio] It said that silence would change nothing, and nothing else comes in a stretch.</summary>
    bool IsIdle(Schedule.Part part, Player player, int offset, int frames)
    {
        if (player.HasNoSound) return true;
        if (CallsIdle || !player.IsIdle || Volatile.Read(ref player.Audio.MustProcess)) return false;
        foreach (var lane in part.Heard)
            if (!lane.IsSilent(offset, frames)) return false;
        if (!hasNotes) return true;
        foreach (var lane in player.NoteIns)
            if (lane.Count > 0) return false;
        return true;
    }

    void End(Player player, int offset, int frames)
    {
        player.IsIdle = player.Module.IsIdle;
        // Who was called need not have played.
        if (!CallsIdle)
            foreach (var lane in player.Outs) lane.Listen(offset, frames);
        foreach (var lane in player.NoteOuts) hasNotes |= lane.Count > 0;
    }
}
