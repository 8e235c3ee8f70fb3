document.querySelectorAll("input[data-filters]").forEach(function (input) {
  var rows = document.querySelectorAll("#" + input.dataset.filters + " tbody tr");
  input.addEventListener("input", function () {
    var wanted = input.value.toLocaleLowerCase();
    rows.forEach(function (row) { row.hidden = !row.textContent.toLocaleLowerCase().includes(wanted); });
  });
});
