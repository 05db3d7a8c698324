namespace OscLooper.Enchanter;

/// <summary>[main] What is known of one channel of the looper, and what was seen of its scenes while they were active.</summary>
sealed class Track
{
    const string Idle = "idle";
    readonly List<string> scenes = [Idle];

    internal string Pending { get; private set; } = "none";
    /// <summary>[main] The active scene, from 1.</summary>
    internal int Scene { get; private set; } = 1;
    internal int Scenes => scenes.Count;
    internal bool IsMuted { get; private set; }
    internal bool IsSolo { get; private set; }
    /// <summary>[main] A scene somebody pressed that is not active yet; 0 = none.</summary>
    internal int Wanted { get; set; }
    internal string State => scenes[Scene - 1];

    /// <summary>[main] A leaf of the channel says something.</summary>
    internal void Hear(string leaf, object[] values)
    {
        switch (leaf)
        {
            case "state":
                scenes[Scene - 1] = (string)values[0];
                break;
            case "pending":
                // What was waited for has come, or was taken back.
                if (Pending == "scene" && (string)values[0] == "none") Wanted = 0;
                Pending = (string)values[0];
                break;
            case "mute":
                IsMuted = Number(values[0]) != 0;
                break;
            case "solo":
                IsSolo = Number(values[0]) != 0;
                break;
            case "scene":
                Grow((int)values[0]);
                Scene = (int)values[0];
                if (Scene == Wanted) Wanted = 0;
                break;
            case "scenes":
                var count = Math.Max(1, (int)values[0]);
                // The active one goes; those above move down.
                while (scenes.Count > count) scenes.RemoveAt(Math.Min(Scene, scenes.Count) - 1);
                Grow(count);
                Scene = Math.Min(Scene, scenes.Count);
                break;
        }
    }

    static double Number(object value) => value is string ? 0 : Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);

    void Grow(int count)
    {
        while (scenes.Count < count) scenes.Add(Idle);
    }

    /// <summary>[main] The light of a scene (from 1), in the words of ui.md 5.1.</summary>
    internal string Light(int scene)
    {
        if (scene < 1 || scene > scenes.Count) return "empty";
        if (scene != Scene) return Wanted == scene && Pending == "scene" ? "stop_queued" : scenes[scene - 1] == Idle ? "empty" : "paused";
        var light = State switch
        {
            Idle => "empty",
            "recording" => "recording",
            "looping" or "oneshot" => "playing",
            "paused" => "paused",
            _ => "overdub",
        };
        return Pending switch
        {
            "none" => IsMuted && light is ("playing" or "paused") ? "muted" : light,
            "record" or "overdub" => "armed",
            _ => "stop_queued",
        };
    }
}
