using System.Text.Json;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[worker] A snapshot as a folder: looper.json, and a WAV of 32-bit float for every layer. What lies on the disk already is linked, not written again.</summary>
sealed class LooperWriter
{
    public const string Name = "looper.json";
    public const int Format = 1;

    readonly Dictionary<long, string> files = [];

    /// <summary>[worker] Tapes whose files are there already.</summary>
    public void Knows(IReadOnlyDictionary<long, string> more)
    {
        lock (files)
            foreach (var (tape, file) in more) files[tape] = file;
    }

    /// <summary>[worker] One that knows the same files, for a copy that nobody keeps for ever.</summary>
    public LooperWriter Copy()
    {
        var copy = new LooperWriter();
        lock (files) copy.Knows(files);
        return copy;
    }

    /// <summary>[worker] Writes all of it; one at a time.</summary>
    public void Write(LooperSnapshot snapshot, IReadOnlyDictionary<int, string> names, string folder, int rate, long lastTape, TakeStreams streams)
    {
        var todo = new List<(Tape Tape, string File, bool IsFinal)>();
        using (var stream = File.Create(Path.Combine(folder, Name)))
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteNumber("rate", rate);
            json.WriteNumber("frame", snapshot.Frame);
            json.WriteNumber("beat", snapshot.Beat);
            json.WriteNumber("framesPerBeat", snapshot.FramesPerBeat);
            json.WriteNumber("lastTape", lastTape);
            json.WriteString("run", streams.Run);
            json.WriteStartArray("channels");
            foreach (var channel in snapshot.Channels.Take(snapshot.Count).OrderBy(c => c.Row)) Write(json, channel, names.GetValueOrDefault(channel.Row, ""), snapshot.Frame, todo, streams);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        foreach (var each in todo.Select(t => Path.GetDirectoryName(t.File)!).Distinct()) Directory.CreateDirectory(Path.Combine(folder, each));
        Parallel.ForEach(todo, new ParallelOptions { MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 2, 8) }, one => Write(one.Tape, Path.Combine(folder, one.File), one.IsFinal, rate, streams));
        lock (files)
        {
            var alive = todo.Select(t => t.Tape.Id).ToHashSet();
            foreach (var gone in files.Keys.Where(id => !alive.Contains(id)).ToArray()) files.Remove(gone);
        }
    }

    static void Write(Utf8JsonWriter json, ChannelSnapshot channel, string name, long frame, List<(Tape, string, bool)> todo, TakeStreams streams)
    {
        json.WriteStartObject();
        json.WriteNumber("number", channel.Row + 1);
        json.WriteString("name", name);
        json.WriteNumber("lanes", channel.Lanes);
        json.WriteNumber("scene", channel.Active + 1);
        json.WriteNumber("volume", channel.Volume);
        json.WriteNumber("pan", channel.Pan);
        json.WriteBoolean("mute", channel.IsMute);
        json.WriteBoolean("solo", channel.IsSolo);
        json.WriteNumber("feedback", channel.Feedback);
        json.WriteNumber("rate", channel.Rate);
        json.WriteString("monitor", Words.Of((Monitor)channel.Monitor));
        json.WriteString("quantize", Words.Of((Quantize)channel.Quantize));
        json.WriteString("sync", Words.Of((SyncSource)channel.Sync));
        json.WriteNumber("syncChannel", channel.SyncChannel);
        json.WriteString("input", channel.Lanes == 0 ? NotePortName.Of(NotePortName.In, channel.Input) : PortName.Of("audio:in", channel.Input));
        json.WriteString("output", channel.Lanes == 0 ? NotePortName.Of(NotePortName.Out, channel.Output) : PortName.Of("audio:out", channel.Output));
        json.WriteStartArray("scenes");
        for (var i = 0; i < channel.SceneCount; i++) Write(json, channel, i, frame, todo, streams);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, ChannelSnapshot channel, int number, long frame, List<(Tape, string, bool)> todo, TakeStreams streams)
    {
        var scene = channel.Scenes[number];
        var at = $"channel-{channel.Row + 1}/scene-{number + 1}";
        var isActive = number == channel.Active;
        var ending = channel.Lanes == 0 ? "mid" : "wav";
        json.WriteStartObject();
        json.WriteString("state", Words.Of(scene.State));
        json.WriteNumber("position", scene.State == LoopState.Paused ? scene.RestPosition : scene.Now.IsEmpty ? 0 : scene.Now.Phase.PositionAt(frame));
        nint below = 0;
        void Put(string key, string file, in Layer layer)
        {
            if (key.Length > 0) json.WriteStartObject(key);
            else json.WriteStartObject();
            if (!layer.IsEmpty)
            {
                json.WriteString("file", $"{at}/{file}.{ending}");
                json.WriteNumber("frames", layer.Tape.Frames);
                json.WriteNumber("period", layer.Tape.Period);
                json.WriteNumber("position", layer.Phase.PositionAt(frame));
                json.WriteNumber("rate", layer.Phase.Rate);
                json.WriteNumber("tape", layer.Tape.Id);
                if (layer.Tape.Id == channel.WritingId) json.WriteNumber("passRecords", streams.RecordsOf(layer.Tape.Id));
                if (layer.Tape.Below != 0 && layer.Tape.Below == below) json.WriteBoolean("onTopOfTheOneBefore", true);
                todo.Add((layer.Tape, $"{at}/{file}.{ending}", layer.Tape.Id != channel.WritingId));
                below = layer.Tape.Root;
            }
            json.WriteEndObject();
        }

        // From the oldest to the youngest: each may share with the one before it what it has not rewritten.
        json.WriteStartArray("undo");
        for (var n = 0; n < scene.UndoCount; n++) Put("", $"undo-{scene.UndoCount - n}", scene.Undo[n]);
        json.WriteEndArray();
        if (!scene.Now.IsEmpty) Put("loop", "loop", scene.Now);
        json.WriteStartArray("redo");
        for (var n = scene.RedoCount - 1; n >= 0; n--) Put("", $"redo-{scene.RedoCount - n}", scene.Redo[n]);
        json.WriteEndArray();
        if (isActive && channel.Take.Frames > 0)
        {
            json.WriteStartObject("take");
            json.WriteString("file", $"{at}/take.{ending}");
            json.WriteNumber("frames", channel.Take.Frames);
            json.WriteNumber("tape", channel.Take.Id);
            json.WriteEndObject();
            todo.Add((channel.Take, $"{at}/take.{ending}", false));
        }
        json.WriteEndObject();
    }

    static void Save(string file, in Tape tape, int rate)
    {
        if (tape.Lanes == 0) NoteFile.SaveLayer(file, tape, rate);
        else LoopFile.Save(file, tape, SoundFormat.WavFloat, rate, null);
    }

    void Write(in Tape tape, string file, bool isFinal, int rate, TakeStreams streams)
    {
        string? known;
        lock (files) files.TryGetValue(tape.Id, out known);
        // A take that grows has a file that grows: linked, it goes on growing here.
        if (!isFinal && streams.FileOf(tape.Id) is { } growing && Disk.TryLink(growing, file)) return;
        if (!isFinal || known is null || !Disk.TryLink(known, file)) Save(file, tape, rate);
        if (!isFinal) return;
        // The youngest link lives longest.
        lock (files) files[tape.Id] = file;
    }
}
