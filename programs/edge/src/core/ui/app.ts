document.title = "Studio";
