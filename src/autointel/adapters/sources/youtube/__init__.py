"""YouTube and the other sites that yt-dlp knows."""
