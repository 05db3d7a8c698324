using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[worker] What a crash left is younger than what was saved: takes come back as loops that wait, passes as layers.</summary>
sealed class Recovery(SegmentPool pool, int rate, Action<string> complain)
{
    /// <summary>[worker] Tapes as they were numbered when they were saved.</summary>
    public Dictionary<long, Layer> BySavedId { get; } = [];

    /// <summary>[worker] Takes up the files of the run that wrote the document, as far as they are younger than it.</summary>
    public void TakeUp(IReadOnlyList<TakeFiles.Found> files, long lastSaved, List<ChannelSnapshot> channels, Func<TakeFiles.Found, ChannelSnapshot?> make)
    {
        foreach (var file in files.Where(f => f.Tape > lastSaved))
        {
            var channel = channels.Find(c => c.Row == file.Row);
            // A channel that was added after the last save.
            if (channel is null && file.IsTake && (channel = make(file)) is not null) channels.Add(channel);
            if (channel is null || file.Scene >= channel.SceneCount) continue;
            try
            {
                var scene = channel.Scenes[file.Scene];
                var layer = file.IsTake ? Take(file, channel) : Pass(file, scene);
                if (layer.IsEmpty) continue;
                Push(scene, layer);
                BySavedId[file.Tape] = layer;
                if (file.IsTake) (scene.State, scene.RestPosition) = (LoopState.Paused, 0);
                complain($"channel {channel.Row + 1}: {layer.Tape.Frames / (double)rate:0.0} s that were being recorded when the server died are back");
            }
            catch (Exception e) when (e is SoundFileException or IOException or UnauthorizedAccessException)
            {
                complain($"channel {channel.Row + 1}: what was being recorded could not be read: {e.Message}");
            }
        }
    }

    Layer Take(in TakeFiles.Found file, ChannelSnapshot channel)
    {
        var tape = LayerFile.Read(file.Path, pool, channel.Lanes, rate, default);
        return tape.IsEmpty ? default : new Layer { Tape = tape, Phase = Phase.At(0, 0, channel.Rate, tape.Period) };
    }

    Layer Pass(in TakeFiles.Found file, SceneSnapshot scene)
    {
        if (file.IsOfNotes) return NotePass(file, scene);
        if (PassFile.Head(file.Path) is not { } head || !BySavedId.TryGetValue(head.Below, out var below) || scene.Now.Tape.Id != below.Tape.Id
            || below.Tape.Lanes != head.Lanes || below.Tape.Frames != head.Frames) return default;
        var tape = new Tape { Lanes = head.Lanes, Below = below.Tape.Root, Period = below.Tape.Period };
        for (var frames = head.Frames; frames > 0; frames -= SegmentPool.Frames)
            if (!tape.ShareOnWorker(pool, below.Tape, (int)Math.Min(SegmentPool.Frames, frames))) return default;
        return PassFile.Replay(file.Path, 0, pool, tape) ? below with { Tape = tape } : default;
    }

    Layer NotePass(in TakeFiles.Found file, SceneSnapshot scene)
    {
        if (NoteTakeFile.Head(file.Path) is not { } head || !BySavedId.TryGetValue(head.Below, out var below) || scene.Now.Tape.Id != below.Tape.Id
            || below.Tape.Lanes != 0 || below.Tape.Frames != head.Frames) return default;
        return below with { Tape = NoteTakeFile.Read(file.Path, pool) with { Period = below.Tape.Period } };
    }

    void Push(SceneSnapshot scene, in Layer layer)
    {
        scene.MakeRoom();
        for (var n = 0; n < scene.RedoCount; n++) pool.FreeOnWorker(scene.Redo[n].Tape.Root, scene.Redo[n].Tape.Below);
        scene.RedoCount = 0;
        if (!scene.Now.IsEmpty && scene.UndoCount < scene.Undo.Length) scene.Undo[scene.UndoCount++] = scene.Now;
        scene.Now = layer;
    }
}
